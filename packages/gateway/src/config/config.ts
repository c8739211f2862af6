import type { Deadlines } from 'modelwire/internal/core/deadline';
import type { Fidelity } from 'modelwire/internal/core/notes';
import type { Keeping } from 'modelwire/internal/runtime/conversation-store';
import type { Directory } from 'modelwire/internal/providers/resolve';

/** How a provider is reached on the network. */
export type NetworkSettings = {
  /** Proxy for this provider; overrides `HTTPS_PROXY`/`HTTP_PROXY`. `none` goes direct. */
  readonly proxy?: string;
  /** PEM file with extra certificate authorities. */
  readonly caFile?: string;
};

/** A gateway key: only its hash is kept. */
export type KeyEntry = {
  readonly name: string;
  /** Lower-case hex of the key's SHA-256. */
  readonly sha256: string;
  /** Model names or patterns that the key may ask for; absent: all. */
  readonly models?: readonly string[];
};

/** Where a provider's key was found, for the boot text, `doctor` and errors. Never the value. */
export type ProviderOrigin = {
  readonly provider: string;
  /** `environment`, `.env`, `.env.local`, `modelwire.yaml:7`, or `embedded`. */
  readonly source: string;
  /** The variable that holds the key, when one does. */
  readonly variable?: string;
};

export type ServerSettings = {
  /** Default 127.0.0.1. */
  readonly host: string;
  /** Default 4000; 0 picks a free one. */
  readonly port: number;
  /** Host names besides the loopback ones that a browser-proof `Host` check accepts. */
  readonly allowedHosts: readonly string[];
  /** Bytes; default 32 MiB. */
  readonly bodyLimit: number;
  /** Whether it may answer without keys on an address that others can reach. Default false. */
  readonly keyless: boolean;
};

/** Whose HTTP/1.1 both sides speak: modelwire's own over plain sockets, or `node:http` and undici. */
export type HttpEngine = 'lean' | 'node';

/** How calls are logged on stdout. `auto`: text on a terminal, JSON elsewhere. */
export type LogFormat = 'auto' | 'json' | 'text' | 'off';

/** How long and how much is kept, and in which file; without one, in memory. */
export type ConversationSettings = Keeping & { readonly file?: string };

/** The embedded model; what is absent is the engine's own default. */
export type LocalSettings = {
  /** Whether it is wanted and installed. */
  readonly enabled: boolean;
  /** A GGUF file (absolute) or an http(s) URL. */
  readonly model?: string;
  readonly sha256?: string;
  readonly threads?: number;
  readonly contextSize?: number;
  readonly slots?: number;
};

/** `fetch`: from nowhere, from any host of the public internet, or from these hosts (`*.example.com` for those below one). `size`: of one file, bytes. */
export type MediaSettings = { readonly fetch: 'off' | 'public' | readonly string[]; readonly size: number };

/** The configuration in force: file, environment and flags put together, every default filled in. Frozen; a reload makes a new one. */
export type EffectiveConfig = {
  /** The file it came from, as it was named; undefined when there is none. */
  readonly file: string | undefined;
  readonly server: ServerSettings;
  readonly directory: Directory;
  readonly origins: readonly ProviderOrigin[];
  readonly network: ReadonlyMap<string, NetworkSettings>;
  readonly keys: readonly KeyEntry[];
  readonly retry: { readonly attempts: number };
  readonly deadlines: Deadlines;
  readonly fidelity: Fidelity;
  /** Where records are kept: a SQLite file, or `memory`. */
  readonly store: { readonly file: string } | 'memory';
  /** Where the turns of conversations are kept that callers leave to the gateway: in memory, or in a SQLite file. */
  readonly conversations: ConversationSettings | 'off';
  /** Images and documents that callers give by their address, for targets that take them as data only. */
  readonly media: MediaSettings;
  readonly local: LocalSettings;
  /** Whether the scripted provider answers `mock/…`. */
  readonly mock: boolean;
  readonly http: HttpEngine;
  readonly log: LogFormat;
  /** Where a setting came from (`server.port` → `--port`, `MODELWIRE_PORT`, `modelwire.yaml:3`); absent: the default. */
  readonly sources: ReadonlyMap<string, string>;
  /** What works but is probably not meant: a provider without its key, say. */
  readonly warnings: readonly string[];
};
