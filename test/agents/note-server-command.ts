/** How an agent starts the tool server of these tests. */
export const noteServer = { command: process.execPath, args: [new URL('note-server.ts', import.meta.url).pathname] } as const;
