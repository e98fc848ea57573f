import { Fragment, type ReactNode } from "react";
import { PLACE, templateOf } from "./i18n";

/** A text with elements in its places. */
export function rich(text: string, values: Record<string, ReactNode>): ReactNode[] {
  return templateOf(text)
    .split(PLACE)
    .map((part, at) => <Fragment key={at}>{at % 2 === 0 ? part : values[part]}</Fragment>);
}
