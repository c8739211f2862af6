import type { Block, RawJson } from '../../core/ir.ts';
import { createItem, type ShownItem, type Teller } from './item-events.ts';
import { continuesItem, isPart, isShowable } from './print-items.ts';
import { accountForBlock, shown } from './reply.ts';

/** Writes the items of a caller's stream, one after the other, each with its beginning, its parts and its end. */
export type Shower = {
  open(block: Block): void;
  say(text: string): void;
  /** `block` is the whole one. */
  close(block: Block): void;
  /** Ends the last item. */
  end(status: 'completed' | 'incomplete'): void;
  /** The items that are done. */
  output(): readonly RawJson[];
  /** Every block that was closed. */
  blocks(): readonly Block[];
};

export function createShower(teller: Teller): Shower {
  const { style } = teller;
  const output: RawJson[] = [];
  const closed: Block[] = [];
  let item: ShownItem | undefined;
  let hidden = false;

  const end = (status: 'completed' | 'incomplete'): void => {
    const raw = item?.end(status);
    if (raw !== undefined) output.push(raw);
    item = undefined;
  };
  const goesOn = (block: Block): boolean => {
    const last = item?.last();
    return last !== undefined && isPart(last) && continuesItem(block);
  };

  return {
    open(given) {
      const block = shown(given, style);
      item?.breakOff();
      hidden = !isShowable(block);
      if (hidden) return;
      if (!goesOn(block)) {
        end('completed');
        item = createItem(block, output.length, teller);
      }
      item?.open(block);
    },
    say(text) {
      if (!hidden) item?.say(text);
    },
    close(given) {
      accountForBlock(given, style);
      closed.push(given);
      if (!hidden) item?.close(shown(given, style));
      hidden = false;
    },
    end,
    output: () => output,
    blocks: () => closed,
  };
}
