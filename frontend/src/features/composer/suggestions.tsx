import { Avatar } from "../../ui/avatar";

const SHOWN_MAX = 6;

interface Props {
  word: string;
  members: string[];
  onPick: (name: string) => void;
}

/** Members whose name begins with what stands after the “@”. */
export function Suggestions({ word, members, onPick }: Props) {
  const fitting = members.filter((name) => name.startsWith(word.toLowerCase()) && name !== word).slice(0, SHOWN_MAX);
  if (fitting.length === 0) return null;
  return (
    <ul
      aria-label="People to mention"
      className="absolute bottom-full left-5 z-10 mb-1 w-64 rounded-card border border-line bg-surface p-1.5 shadow-lg"
    >
      {fitting.map((name) => (
        <li key={name}>
          <button
            type="button"
            className="flex w-full items-center gap-2.5 rounded-lg px-2 py-1.5 text-left text-sm hover:bg-sunken focus-visible:bg-sunken"
            onClick={() => onPick(name)}
          >
            <Avatar name={name} /> <span className="truncate">{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
