import type * as YamlModule from 'yaml';
import type { Document, LineCounter, Node, Pair, YAMLMap } from 'yaml';
import { ConfigError, type PathPart, type Place } from './problem.ts';

/** A parsed file: its plain value, and where in the text each part of it stands. */
export type ConfigDocument = {
  readonly value: unknown;
  /** Where the key at the path (or, with `value`, what follows it) begins; the nearest place above when the path is not in the file. */
  place(path: readonly PathPart[], part?: 'key' | 'value'): Place;
};

/** Aliases may be followed this often: enough for people, too few for a bomb of anchors. */
const maxAliases = 100;
const maxLength = 1024 * 1024;
/** One slip can make every line after it a fault. */
const maxFaults = 20;

type Yaml = typeof YamlModule;

/** Parses YAML (and so JSON). Throws `ConfigError` with every syntax fault. */
export async function parseConfigDocument(name: string, text: string): Promise<ConfigDocument> {
  const fault = (message: string): ConfigError => new ConfigError([{ source: name, path: '', message }]);
  if (text.length > maxLength) throw fault(`longer than ${maxLength} characters`);
  // Loaded here, so that a start without a file does not pay for it.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = parsed(yaml, text, lines, fault);
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults = [...document.errors.map((error) => ({ offset: error.pos[0], message: syntaxMessage(error, text) })), ...badAliases(yaml, document)];
  if (faults.length > 0) throw new ConfigError(faults.slice(0, maxFaults).map(({ offset, message }) => ({ source: name, ...at(offset), path: '', message })));
  return {
    value: plainValue(document, fault),
    place: (path, part = 'key') => at(offsetOf(yaml, document, path, part)),
  };
}

function parsed(yaml: Yaml, text: string, lineCounter: LineCounter, fault: (message: string) => ConfigError): Document.Parsed {
  try {
    const document = yaml.parseDocument(text, { lineCounter, prettyErrors: false, merge: true });
    // The parser catches its own overflow and reports it as a fault of the text, once for every level.
    if (document.errors.some((error) => /call stack/i.test(error.message))) throw fault('nested too deep');
    return document;
  } catch (error) {
    if (error instanceof RangeError) throw fault('nested too deep');
    throw error;
  }
}

function plainValue(document: Document.Parsed, fault: (message: string) => ConfigError): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    if (error instanceof RangeError) throw fault('nested too deep');
    if (error instanceof ReferenceError && /alias count/i.test(error.message)) throw fault(`its aliases unfold to more than ${maxAliases} copies`);
    if (error instanceof Error) throw fault(error.message);
    throw error;
  }
}

function badAliases(yaml: Yaml, document: Document.Parsed): readonly { readonly offset: number; readonly message: string }[] {
  const found: { offset: number; message: string }[] = [];
  yaml.visit(document, {
    Alias(_key, node, parents) {
      const meant = node.resolve(document);
      const offset = node.range?.[0] ?? 0;
      if (meant === undefined) found.push({ offset, message: `nothing before this has the anchor &${node.source}` });
      else if (parents.includes(meant)) found.push({ offset, message: `*${node.source} stands inside of &${node.source}: it would hold itself` });
    },
  });
  return found;
}

function syntaxMessage(error: { readonly code: string; readonly message: string; readonly pos: readonly [number, number] }, text: string): string {
  if (error.code === 'DUPLICATE_KEY') return `${JSON.stringify(wordAt(text, error.pos[0]))} is given twice, leave one out`;
  if (error.code === 'TAB_AS_INDENT') return 'tabs cannot indent in YAML, use spaces';
  if (error.code === 'MULTIPLE_DOCS') return 'more than one document in the file, leave out what follows "---"';
  return error.message;
}

function wordAt(text: string, offset: number): string {
  return /^["']?([^\s"':,}]+)/.exec(text.slice(offset, offset + 200))?.[1] ?? 'a key';
}

/** Where the part of the file at the path begins. Steps as far down as the file goes. */
function offsetOf(yaml: Yaml, document: Document.Parsed, path: readonly PathPart[], part: 'key' | 'value'): number {
  let node = resolved(yaml, document, document.contents);
  let found = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (yaml.isMap(node)) {
      const pair = pairOf(yaml, node, step);
      if (pair === undefined) return found;
      const key = yaml.isNode(pair.key) ? pair.key.range?.[0] : undefined;
      const value = yaml.isNode(pair.value) ? pair.value.range?.[0] : undefined;
      found = (part === 'key' ? key : value) ?? key ?? found;
      node = resolved(yaml, document, pair.value);
    } else if (yaml.isSeq(node) && typeof step === 'number') {
      const item = node.items[step];
      if (!yaml.isNode(item)) return found;
      found = item.range?.[0] ?? found;
      node = resolved(yaml, document, item);
    } else {
      return found;
    }
  }
  return found;
}

function pairOf(yaml: Yaml, map: YAMLMap, key: PathPart): Pair | undefined {
  return map.items.find((pair) => String(yaml.isScalar(pair.key) ? pair.key.value : pair.key) === String(key));
}

function resolved(yaml: Yaml, document: Document.Parsed, node: unknown): Node | undefined {
  if (yaml.isAlias(node)) return node.resolve(document);
  return yaml.isNode(node) ? node : undefined;
}
