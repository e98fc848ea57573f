import type { Told } from "./told";

/** Why a file or a share is not taken, where only the console has words for it. */
export type Why =
  | "not_a_key"
  | "not_a_share"
  /** Shares of two splits, and nothing says which is this key's. */
  | "one_of_another"
  /** The same, but the new one is this key's, so those that are loaded are not. */
  | "loaded_of_another";

/** Its kind goes from the worker to the page, which says it in its own words. */
export class Refusal extends Error {
  readonly why: Why;
  readonly values: Told["values"];

  constructor(why: Why, values: Told["values"] = {}, options?: ErrorOptions) {
    super(why, options);
    this.why = why;
    this.values = values;
  }
}
