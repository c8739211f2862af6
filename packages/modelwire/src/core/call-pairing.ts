import { hash64 } from './fit.ts';

/** Which call a result answers, in formats that tell them apart by name and order where there are no ids. */
export type Pairing = {
  /** A call was made; gives its id, one of ours when it came without. */
  called(name: string, id: string | undefined): string;
  /** A result came; gives the id of the call that it answers. */
  answered(name: string | undefined, id: string | undefined): string;
};

export function createPairing(): Pairing {
  /** The ids of the calls of a name, and of all, in their order; those that are answered are left out as they come up. */
  const byName = new Map<string, Queue>();
  const all: Queue = { ids: [], next: 0 };
  const answered = new Set<string>();
  let count = 0;
  const nextOf = (queue: Queue | undefined): string | undefined => {
    while (queue !== undefined && answered.has(queue.ids[queue.next] ?? '')) queue.next++;
    return queue?.ids[queue.next];
  };
  return {
    called(name, given) {
      const id = given ?? madeId(count, name);
      const calls = byName.get(name) ?? { ids: [], next: 0 };
      calls.ids.push(id);
      all.ids.push(id);
      byName.set(name, calls);
      count++;
      return id;
    },
    answered(name, given) {
      const id = given ?? nextOf(name === undefined ? all : byName.get(name)) ?? madeId(count, name ?? '');
      answered.add(id);
      return id;
    },
  };
}

type Queue = { readonly ids: string[]; next: number };

/** The same for the same place in the same conversation, so that it need not be kept anywhere. */
export function madeId(count: number, name: string): string {
  return `call_${hash64(`${count} ${name}`)}`;
}
