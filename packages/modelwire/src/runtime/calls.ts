import { dialectFor } from '../core/call.ts';
import type { Deadlines } from '../core/deadline.ts';
import type { Context, Dialect, HeaderMap } from '../core/dialect.ts';
import { estimateTokens } from '../core/estimate-tokens.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { withKeepAlive } from '../core/keep-alive.ts';
import { parseJsonText } from '../core/json-text.ts';
import { createLedger } from '../core/notes.ts';
import { type Target, targetName } from '../core/target.ts';
import { scanTopLevel, type TopLevel } from '../core/top-level.ts';
import { type CallRequest, performCall, type Running } from '../layers/perform.ts';
import { resolveModel, type RoutePolicies } from '../providers/resolve.ts';
import type { Service } from '../providers/services.ts';
import { checkBody } from './check-body.ts';
import { continued, type Continued } from './conversations.ts';
import type { CallEndpoint, ServiceEndpoint } from './endpoints.ts';
import { inFraming } from './framed-answer.ts';
import { type Handling, type Outgoing, untilGone, whenReady } from './handling.ts';
import { errorAnswer, eventStream, json, toOutgoing } from './outgoing.ts';
import { namingOthers, type Passage, planPassage } from './pass-through.ts';
import { type CallStory, recordOf } from './record.ts';
import { forbidden, guardLoop, keeperOf, type Scope } from './scope.ts';

/** A call that has begun: its story is kept once, whatever becomes of it. */
export type Opened = {
  readonly story: CallStory;
  /** Attempts that the policies in force allow; set once the route is known. */
  allowed: number;
  keep(): void;
  refuse(thrown: unknown): Outgoing;
};

export function startCall(scope: Scope, endpoint: CallEndpoint | ServiceEndpoint, begin: (opened: Opened) => Handling): Handling {
  const opened = openStory(scope, endpoint);
  try {
    return begin(opened);
  } catch (thrown) {
    return { outgoing: Promise.resolve(opened.refuse(thrown)), cancel: () => undefined, sent: opened.keep };
  }
}

function openStory(scope: Scope, endpoint: CallEndpoint | ServiceEndpoint): Opened {
  const { options, incoming, front, id, policies, caller } = scope;
  const story: CallStory = {
    id,
    startedAt: options.world.now(),
    key: caller.name,
    format: front.name,
    operation: endpoint.kind === 'service' ? endpoint.service : endpoint.operation,
    client: incoming.headers['user-agent']?.slice(0, 200),
    stream: false,
    candidates: [],
    attempts: [],
    status: 200,
  };
  const opened: Opened = {
    story,
    allowed: policies.retry.attempts,
    keep: once(() => options.record?.(recordOf(story, options.world.now()))),
    refuse(thrown) {
      const error = toGatewayError(thrown);
      story.error = error;
      const answer = errorAnswer(error, { id, front, triedOut: story.attempts.length > 1 && story.attempts.length >= opened.allowed });
      story.status = answer.status;
      return answer;
    },
  };
  return opened;
}

export function callTarget(scope: Scope, endpoint: CallEndpoint, opened: Opened): Handling {
  const { options, incoming, front, policies, caller } = scope;
  const { story } = opened;
  const embedding = endpoint.operation === 'embeddings' ? options.world.embeddings(front.name) : undefined;
  if (embedding instanceof Promise)
    return whenReady(
      embedding.then(() => callTarget(scope, endpoint, opened)),
      opened,
    );
  const top = scanTopLevel(incoming.body);
  checkBody(top, { front, operation: endpoint.operation, embedding, headers: incoming.headers, named: endpoint.asked !== undefined });
  const asked = endpoint.asked?.model ?? String(top.value('model'));
  story.asked = asked;
  story.stream = endpoint.operation !== 'count_tokens' && (endpoint.asked?.stream ?? wantsStream(front, top));
  guardLoop(options, incoming);
  if (!caller.mayUse(asked)) throw forbidden(asked);
  const { targets, how, candidates, policies: own } = resolveModel(asked, policies.directory);
  story.how = how;
  story.candidates = candidates;
  const first = targets[0];
  if (endpoint.operation === 'count_tokens' && first !== undefined && !countsItself(first, front, top)) {
    const whole = continuedTurn(scope, { top, target: first, name: asked }) ?? Promise.resolve({ top });
    return { outgoing: whole.then((counted) => countLocally(scope, counted.top, first)).catch(opened.refuse), cancel: () => undefined, sent: opened.keep };
  }
  const idle =
    first === undefined || first.speaks[front.name] !== undefined ? undefined : front.front.answerIdle?.(top, endpoint.operation, options.world.now());
  if (idle !== undefined) return { outgoing: Promise.resolve(json(scope.id, idle)), cancel: () => undefined, sent: opened.keep };
  const turn = endpoint.operation === 'chat' ? continuedTurn(scope, { top, target: first, name: asked }) : undefined;
  const perform = (whole: Continued | undefined): Handling => {
    const given = { top, targets, own, whole };
    return whole?.wish.background === true && !whole.isLeft
      ? performLater(scope, endpoint, opened, { ...given, whole })
      : performTurn(scope, endpoint, opened, given);
  };
  return turn === undefined ? perform(undefined) : whenReady(turn.then(perform), opened);
}

/** The request with the turns that its caller left to us; undefined when it is whole as it stands. */
function continuedTurn(
  scope: Scope,
  { top, target, name }: { readonly top: TopLevel; readonly target: Target | undefined; readonly name: string },
): Promise<Continued> | undefined {
  const keeper = keeperOf(scope);
  if (keeper === undefined) return undefined;
  return continued(top, { front: scope.front, caller: scope.caller.name, target, name }, keeper);
}

type Turn = {
  readonly top: TopLevel;
  readonly targets: readonly Target[];
  readonly own: RoutePolicies | undefined;
  readonly whole: Continued | undefined;
};

function performTurn(scope: Scope, { operation, framing }: CallEndpoint, opened: Opened, { top, targets, own, whole }: Turn): Handling {
  const running = begin(scope, opened, own, { operation, top: whole?.top ?? top, targets, stream: opened.story.stream, wantUsage: true });
  if (operation === 'embeddings') return follow(scope, opened, { running: naming(running, 'embeddings', scope, targets[0]), framing });
  if (whole === undefined) return follow(scope, opened, { running, framing });
  const answer = running.answer.then((given) => {
    const target = running.attempts.at(-1)?.target;
    return target === undefined ? given : whole.keep(given, target);
  });
  return follow(scope, opened, { running: { ...running, answer }, framing });
}

type Asked = Pick<CallRequest, 'operation' | 'top' | 'targets' | 'stream' | 'wantUsage' | 'pass'>;

/** Sets a call going under the policies in force, its story kept. */
function begin({ options, incoming, front, id, policies }: Scope, opened: Opened, own: RoutePolicies | undefined, asked: Asked): Running {
  const { headers } = incoming;
  const { fidelity, deadlines, retry, pingMs } = withRoute(policies, own);
  opened.allowed = retry.attempts;
  const running = performCall({ ...asked, id, front, headers, fidelity, deadlines: withCaller(deadlines, headers), retry, pingMs }, options.world);
  opened.story.attempts = running.attempts;
  return running;
}

/** What is neither translated nor read. */
export function passOn(scope: Scope, endpoint: ServiceEndpoint, opened: Opened): Handling {
  const { options, incoming, policies, caller } = scope;
  guardLoop(options, incoming);
  const check = (asked: string): void => {
    opened.story.asked = asked;
    if (!caller.mayUse(asked)) throw forbidden(asked);
  };
  return relayUntouched(scope, endpoint, opened, planPassage(incoming, endpoint, { directory: policies.directory, check }));
}

export function relayUntouched(
  scope: Scope,
  { service }: ServiceEndpoint,
  opened: Opened,
  { resolution, pass }: Passage,
  answered: () => Promise<void> = async () => undefined,
): Handling {
  const { story } = opened;
  const { targets, how, candidates, policies: own } = resolution;
  story.how = how;
  story.candidates = candidates;
  const running = begin(scope, opened, own, { operation: 'pass_through', top: noFields, pass, targets, stream: false, wantUsage: false });
  const answer = running.answer.then(async (given) => {
    await answered();
    return given;
  });
  return follow(scope, opened, { running: naming({ ...running, answer }, service, scope, targets[0]), framing: undefined });
}

const noFields = scanTopLevel(new TextEncoder().encode('{}'));

/** The same call, whose error says who has the service where the provider has not. */
function naming(running: Running, service: Service, { policies }: Scope, target: Target | undefined): Running {
  const answer = running.answer.catch((thrown: unknown) => {
    throw namingOthers(toGatewayError(thrown), service, policies.directory, target?.provider ?? '');
  });
  return { ...running, answer };
}

/** The answer is made while the caller goes its way: it is told under which id, or follows the events. */
function performLater(scope: Scope, endpoint: CallEndpoint, opened: Opened, turn: Turn & { readonly whole: Continued }): Handling {
  const { options, jobs, id: callId } = scope;
  const { owner, rules, top, as: told, promise, finish } = turn.whole;
  const [target] = turn.targets;
  if (rules.stored === undefined || target === undefined) throw new GatewayError('no_target', 'no target is left for this call');
  const isFollowed = opened.story.stream;
  opened.story.stream = true;
  const as = { ...told, id: options.world.newId('resp_') };
  const { whole: _whole, ...alone } = turn;
  const queued = rules.stored.queued(parseJsonText(new TextDecoder().decode(turn.top.bytes)), as, contextOf(scope, target));
  const job = jobs.start({
    owner,
    id: as.id,
    queued,
    rules: rules.stored,
    listener: rules.listen(as),
    run: () => performTurn(scope, endpoint, opened, { ...alone, top, whole: undefined }),
    keep: finish,
  });
  // Where the store fails, it is known for as long as this process runs.
  const kept = promise({ id: as.id, answer: queued }).catch(() => undefined);
  const promised = kept.then(() => (isFollowed ? eventStream(callId, job.events(-1)) : json(callId, job.answer())));
  return untilGone(promised);
}

/** For what is done here and not by the target. */
function contextOf({ options, front, id, policies }: Scope, target: Target): Context {
  const ledger = createLedger(targetName(target), policies.fidelity);
  return { callId: id, target, back: dialectFor(target, front.name) ?? front.name, ledger, now: options.world.now, newId: options.world.newId };
}

function wantsStream({ front }: Dialect, top: TopLevel): boolean {
  const stream = top.value('stream');
  return stream === true || (front.streamsUnasked === true && stream !== false);
}

/** Whether the target counts the tokens of this body as it stands: a count is never translated. */
function countsItself(target: Target, front: Dialect, top: TopLevel): boolean {
  const endpoint = target.speaks[front.name];
  if (endpoint === undefined || (endpoint.paths !== undefined && endpoint.paths.count_tokens === undefined)) return false;
  return front.relay.edits(top, { quirks: target.quirks, wantUsage: false }) !== undefined;
}

type Following = { readonly running: Running; readonly framing: CallEndpoint['framing'] };

function follow({ options, front, id, policies }: Scope, { story, keep, refuse }: Opened, { running, framing }: Following): Handling {
  const { answer, attempts, settle } = running;
  const { ping, errorEvent } = front.front;
  const failed = (error: GatewayError): void => {
    story.error = error;
  };
  const alive = story.stream
    ? withKeepAlive(answer, { everyMs: policies.pingMs, ping, errorEvent: (error) => errorEvent(error, id), failed }, options.world)
    : answer;
  return {
    outgoing: alive.then((ready) => toOutgoing(framing === undefined ? ready : inFraming(ready, framing), { id, attempts, front }), refuse),
    cancel(error) {
      story.error ??= error;
      running.cancel(error);
    },
    sent() {
      settle();
      keep();
    },
  };
}

type InForce = Pick<CallRequest, 'fidelity' | 'deadlines' | 'retry' | 'pingMs'>;

/** The policies in force for one call: the route's over the configuration's. */
function withRoute(policies: InForce, own: RoutePolicies | undefined): InForce {
  if (own === undefined) return policies;
  const { fidelity, deadlines, retry, pingMs } = policies;
  return {
    fidelity: own.fidelity ?? fidelity,
    deadlines: { ...deadlines, ...own.deadlines },
    retry: { ...retry, attempts: own.attempts ?? retry.attempts },
    pingMs,
  };
}

/** The official SDKs say after how many seconds they give up: what takes longer is for nobody. */
function withCaller(deadlines: Deadlines, headers: HeaderMap): Deadlines {
  const given = headers['x-stainless-timeout'];
  if (given === undefined) return deadlines;
  const seconds = Number(given);
  if (!(seconds > 0 && seconds <= 86_400) || seconds * 1000 >= deadlines.total) return deadlines;
  return { ...deadlines, total: seconds * 1000 };
}

/** A count for a target whose dialect has none: exact where the target's tokenizer is here, else an estimate that says so. */
async function countLocally(scope: Scope, top: TopLevel, target: Target): Promise<Outgoing> {
  const { options, front, id } = scope;
  const context = contextOf(scope, target);
  const { accept } = await front.translation();
  const { request } = accept(parseJsonText(new TextDecoder().decode(top.bytes)), context);
  const exact = await options.countTokens?.(target, request, context);
  const tokens = exact ?? estimateTokens(request);
  const outgoing = json(id, front.front.tokenCount?.(tokens) ?? JSON.stringify({ input_tokens: tokens }));
  return { ...outgoing, headers: { ...outgoing.headers, 'modelwire-token-count': exact === undefined ? 'estimate; err<=25%' : 'exact' } };
}

function once(run: () => void): () => void {
  let ran = false;
  return () => {
    if (ran) return;
    ran = true;
    run();
  };
}
