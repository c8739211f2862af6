import type { DialectName } from 'modelwire/internal/core/ir';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import type { Exchange } from './recorder.ts';
import type { SeenRequest } from '../support/mock-server.ts';

/** Where a case is played: folders of its own, and the address that the agent is given instead of `http://127.0.0.1:4000`. */
export type Stage = {
  readonly base: string;
  /** Where the agent is installed. */
  readonly installed: string;
  readonly home: string;
  /** The folder that the agent works in. */
  readonly work: string;
  /** The file that it shall write. */
  readonly file: string;
  readonly prompt: string;
};

/** How an agent is started; what is in `env` comes on top of an environment without keys. */
export type Command = { readonly command: string; readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** What passed between agent and gateway, and between gateway and provider, and what the gateway recorded of it, oldest first; and what the agent printed. */
export type Played = {
  readonly exchanges: readonly Exchange[];
  readonly upstream: readonly SeenRequest[];
  readonly records: readonly CallRecord[];
  readonly stdout: string;
};

/**
 * What of a model's thinking a client leaves out when it sends the conversation back: all of it; its text, and not the ids of calls, which bear
 * what another format's provider wants back; or what has no `encrypted_content`, which it does not ask for when it does not know the model's name.
 */
export type Forgets = 'thinking' | 'text' | 'uncovered';

export type AgentCase = {
  /** Without the agent's and the back's. */
  readonly name?: string;
  readonly back: DialectName;
  /** Default nothing. */
  readonly forgets?: Forgets;
  /** The tool that the task asks for by name. */
  readonly tool?: string;
  /** A case with a server of the agent's own, say, has something to prepare. */
  start(stage: Stage): Command | Promise<Command>;
  /** What is wrong with what passed, beyond what is asked of every agent. */
  problems?(played: Played): readonly string[];
};

export type Packages = { readonly from: 'npm' | 'pypi'; readonly names: readonly string[] };

export type Agent = {
  readonly name: string;
  readonly packages: Packages;
  /** Hosts that it asks for whatever its settings say, and does without: the trap lets nobody out. */
  readonly asksInVain?: readonly string[];
  readonly cases: readonly AgentCase[];
};
