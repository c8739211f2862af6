/** `true` when each is assignable to the other, else which is not. */
export type Mutual<Ours, Theirs> = [Ours] extends [Theirs]
  ? [Theirs] extends [Ours]
    ? true
    : 'theirs is not assignable to ours'
  : 'ours is not assignable to theirs';

/** `true` when the two are one type. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile unless every check holds. */
export type All<Checks extends readonly true[]> = Checks;
