/** undici 8 needs it. bin/modelwire.js says the same for those who cannot even read this file. */
export const leastNode = [22, 19] as const;

/** Undefined when the running Node is new enough, else what to say. */
export function nodeTooOld(running: string): string | undefined {
  const [major = 0, minor = 0] = running.replace(/^v/, '').split('.').map(Number);
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return undefined;
  return `modelwire needs Node ${leastNode.join('.')} or newer; this is ${running}`;
}
