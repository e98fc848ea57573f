/** What a code for comparing keys says: whose screen it stands on, and the words that both people see. */
export interface CompareCode {
  userId: string;
  words: string[];
}

const FORM = /^#?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z]{5}(?:-[a-z]{5}){7})$/;

/** An address that any camera program opens; what follows the `#` stays in the browser. */
export const compareAddress = ({ userId, words }: CompareCode): string =>
  `${location.origin}/compare#${userId}.${words.join("-")}`;

export function parseCompareCode(fragment: string): CompareCode | undefined {
  const [, userId, words] = FORM.exec(fragment) ?? [];
  return userId && words ? { userId, words: words.split("-") } : undefined;
}
