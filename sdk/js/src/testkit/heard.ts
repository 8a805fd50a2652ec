// The contract's `result`, as a value.

import { Refused } from "../contract";

/** The contract's `result`: its other side is thrown as a list. Everything else that is thrown is a failure. */
export function heard<T, R>(ask: () => T): T | Refused<R> {
  try {
    return ask();
  } catch (thrown) {
    if (Array.isArray(thrown)) return new Refused(thrown as R[]);
    throw thrown;
  }
}
