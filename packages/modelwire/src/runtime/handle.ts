import type { Dialect, HeaderMap } from '../core/dialect.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/ir.ts';
import { scanTopLevel } from '../core/top-level.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import { listModels, resolveModel } from '../providers/resolve.ts';
import { rootAnswer, unmatched } from './about.ts';
import { createJobs } from './background.ts';
import type { KeptElsewhere } from './conversation-store.ts';
import { dialectOfCaller, type Match, matchEndpoint, type ServiceEndpoint } from './endpoints.ts';
import { type Handling, type Incoming, type Outgoing, settled, untilGone, whenReady } from './handling.ts';
import { type ListedModel, modelBody, modelsBody } from './models-list.ts';
import { ollamaVersion } from './ollama-models.ts';
import { errorAnswer, eventStream, json, requestId } from './outgoing.ts';
import { type ConversationEndpoint, conversationAnswer } from './kept-conversations.ts';
import { planReturn } from './pass-through.ts';
import { type StoredEndpoint, storedAnswer } from './stored.ts';
import { forbidden, guardLoop, type HandlerOptions, keeperOf, type Scope } from './scope.ts';
import { startCall, callTarget, passOn, relayUntouched } from './calls.ts';

export type Handler = {
  handle(incoming: Incoming): Handling;
  /** An answer for what never became a request: a body over the limit, say. */
  refuse(incoming: Pick<Incoming, 'path' | 'headers'>, error: GatewayError): Outgoing | Promise<Outgoing>;
  /** An answer for what cannot be read, so that its format is not known: in the one that most callers speak. */
  refuseUnread(error: GatewayError): Outgoing;
  /** Ends what goes on without a caller. */
  close(error: GatewayError): void;
};

export function createHandler(options: HandlerOptions): Handler {
  const jobs = createJobs();
  const { world } = options;
  const refuseUnread = (error: GatewayError): Outgoing => errorAnswer(error, { id: world.newId('req_'), front: openaiChat });
  return {
    handle(incoming) {
      const id = requestId(incoming.headers, world);
      const match = matchEndpoint(incoming.method, incoming.path, incoming.query, incoming.headers);
      const found = world.dialect(frontOf(incoming, match));
      const begin = (front: Dialect): Handling => answerIn({ options, jobs, incoming, id, front }, match);
      return found instanceof Promise ? whenReady(found.then(begin)) : begin(found);
    },
    refuse(incoming, error) {
      const found = world.dialect(dialectOfCaller(incoming.headers, incoming.path));
      const begin = (front: Dialect): Outgoing => errorAnswer(error, { id: requestId(incoming.headers, world), front });
      return found instanceof Promise ? found.then(begin, () => refuseUnread(error)) : begin(found);
    },
    refuseUnread,
    close: jobs.close,
  };
}

/** The format of the endpoint, or else what the caller's headers and path tell of it. */
function frontOf(incoming: Incoming, match: Match): DialectName {
  return match.found && 'front' in match.endpoint ? match.endpoint.front : dialectOfCaller(withQueryKey(incoming), incoming.path);
}

type Arrived = Omit<Scope, 'policies' | 'caller'>;

function answerIn(arrived: Arrived, match: Match): Handling {
  try {
    return route(arrived, match);
  } catch (thrown) {
    return settled(Promise.resolve(errorAnswer(toGatewayError(thrown), arrived)));
  }
}

function route(arrived: Arrived, match: Match): Handling {
  const { options, incoming, id } = arrived;
  if (!match.found) throw unmatched(incoming, match.allow);
  const { endpoint } = match;
  if (endpoint.kind === 'root') return settled(Promise.resolve(rootAnswer(options.version, incoming, id)));
  if (endpoint.kind === 'version') return settled(Promise.resolve(json(id, JSON.stringify({ version: ollamaVersion }))));
  const caller = options.authenticate(withQueryKey(incoming));
  const scope: Scope = { ...arrived, policies: options.policies(), caller };
  switch (endpoint.kind) {
    case 'models':
      return settled(Promise.resolve(json(id, modelsAnswer(scope, endpoint.id))));
    case 'show':
      return settled(Promise.resolve(json(id, modelsAnswer(scope, shownModel(incoming)))));
    case 'loaded':
      // What is in memory where the models run is not known here.
      return settled(Promise.resolve(json(id, '{"models":[]}')));
    case 'stored':
      return answerStored(scope, endpoint);
    case 'conversation':
      return settled(answerConversation(scope, endpoint));
    case 'call':
      return startCall(scope, endpoint, (opened) => callTarget(scope, endpoint, opened));
    case 'service':
      return startCall(scope, endpoint, (opened) => passOn(scope, endpoint, opened));
  }
}

/** What is kept under the id of an answer, here or by the provider that made it. */
function answerStored(scope: Scope, endpoint: StoredEndpoint): Handling {
  const { incoming, front, id, caller } = scope;
  const answer = storedAnswer(endpoint, { front, caller: caller.name, query: incoming.query ?? '' }, keeperOf(scope)).then((found): Handling => {
    if ('elsewhere' in found) return passBack(scope, endpoint, found.elsewhere);
    return untilGone(Promise.resolve('json' in found ? json(id, found.json) : eventStream(id, found.stream)));
  });
  return whenReady(answer, { refuse: (thrown) => errorAnswer(toGatewayError(thrown), scope), keep: () => undefined });
}

const belowId: { readonly [action in StoredEndpoint['action']]: string } = { get: '', delete: '', cancel: '/cancel', items: '/input_items' };

/** Asks the provider that made an answer for what it keeps of it. */
function passBack(scope: Scope, { id, action }: StoredEndpoint, elsewhere: KeptElsewhere): Handling {
  const { incoming, front, policies, caller, options } = scope;
  if (!caller.mayUse(elsewhere.asked)) throw forbidden(elsewhere.asked);
  const passage = planReturn(incoming, elsewhere, belowId[action], policies.directory);
  if (passage === undefined) throw front.state?.stored?.missing(id) ?? new GatewayError('not_found', 'its provider is no longer configured');
  const forget = async (): Promise<void> => {
    if (action === 'delete') await options.conversations?.store.remove({ caller: caller.name, dialect: front.name }, 'elsewhere', id);
  };
  const endpoint: ServiceEndpoint = { kind: 'service', service: 'responses', front: front.name, path: () => passage.pass.path };
  return startCall(scope, endpoint, (opened) => {
    opened.story.asked = elsewhere.asked;
    guardLoop(options, incoming);
    return relayUntouched(scope, endpoint, opened, passage, forget);
  });
}

async function answerConversation(scope: Scope, endpoint: ConversationEndpoint): Promise<Outgoing> {
  const { incoming, front, id, caller, options } = scope;
  const given = { front, caller: caller.name, query: incoming.query ?? '', body: incoming.body, now: options.world.now() };
  try {
    return json(id, await conversationAnswer(endpoint, given, keeperOf(scope)));
  } catch (thrown) {
    return errorAnswer(toGatewayError(thrown), scope);
  }
}

/** Google's callers may give their key in the query. It goes no further than this. */
function withQueryKey({ headers, path, query }: Incoming): HeaderMap {
  if (query === undefined || !query.includes('key=') || headers['x-goog-api-key'] !== undefined) return headers;
  const key = new URLSearchParams(query).get('key');
  return key === null || dialectOfCaller({ ...headers, 'x-goog-api-key': key }, path) !== 'gemini' ? headers : { ...headers, 'x-goog-api-key': key };
}

/** The model that the body of Ollama's `show` names; older clients call it `name`. */
function shownModel({ body }: Incoming): string {
  const top = scanTopLevel(body);
  const name = top.value('model') ?? top.value('name');
  if (typeof name === 'string' && name !== '') return name;
  throw new GatewayError('invalid_request', 'model must be given: a string that names a model', { param: 'model' });
}

function visibleModels(scope: Scope): ListedModel[] {
  return listModels(scope.policies.directory).filter((model) => scope.caller.mayUse(model.id));
}

function modelsAnswer(scope: Scope, id: string | undefined): string {
  const { incoming, options, front } = scope;
  const models = visibleModels(scope);
  if (id === undefined) return modelsBody(models, front.name, options.world.now(), incoming.query);
  const known = models.find((model) => model.id === id) ?? resolvedModel(scope, id);
  return modelBody(known, front.name, options.world.now());
}

/** A name that is not listed but would be answered (a bare name, a pattern) is described as asked. */
function resolvedModel(scope: Scope, id: string): ListedModel {
  if (!scope.caller.mayUse(id)) throw forbidden(id);
  const target = resolveModel(id, scope.policies.directory).targets[0];
  if (target === undefined) throw new GatewayError('model_not_found', `no model ${id}`, { param: 'model' });
  return { id, provider: target.provider, model: target.model, ...(target.info === undefined ? {} : { info: target.info }) };
}
