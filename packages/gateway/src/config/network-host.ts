/** Whether only programs on this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(name);
}

/** A host name or address without scheme, port or brackets; undefined when it is none. */
export function parseHost(text: string): string | undefined {
  const bare = text.trim().replace(/^\[(.*)\]$/, '$1');
  const address = /^[0-9a-f:.]+(?:%\w+)?$/i.test(bare) && bare.includes(':');
  return address || /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i.test(bare) ? bare : undefined;
}
