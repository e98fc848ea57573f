import { useSyncExternalStore } from "react";
import { type Place, parsePlace, placeText } from "./place";

export const hrefOf = (place: Place): string => `${location.pathname}${placeText(place)}`;

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
addEventListener("popstate", tell);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Another view is a step that the browser goes back from; another filter is not. */
export function go(place: Place): void {
  const same = parsePlace(location.search).view === place.view;
  history[same ? "replaceState" : "pushState"](null, "", hrefOf(place));
  tell();
}

export function usePlace(): Place {
  return parsePlace(useSyncExternalStore(subscribe, () => location.search));
}
