import { Dialog } from "../../ui/dialog";

const GROUPS = [
  {
    title: "Everywhere",
    keys: [
      { press: ["Ctrl", "K"], does: "Search rooms and messages" },
      { press: ["Alt", "↑"], does: "Go to the room above" },
      { press: ["Alt", "↓"], does: "Go to the room below" },
      { press: ["Ctrl", "/"], does: "Show this list" },
      { press: ["Esc"], does: "Close what is open" },
    ],
  },
  {
    title: "Where you write",
    keys: [
      { press: ["↑"], does: "Edit your newest message, while the field is empty" },
      { press: ["Esc"], does: "Drop an answer or an edit" },
      { press: ["Shift", "Enter"], does: "Begin a new line, where Enter sends" },
    ],
  },
  {
    title: "On a message",
    keys: [
      { press: ["↑"], does: "Go to the message above" },
      { press: ["↓"], does: "Go to the message below" },
      { press: ["Home"], does: "Go to the first one that is loaded" },
      { press: ["End"], does: "Go to the newest" },
      { press: ["R"], does: "Answer" },
      { press: ["E"], does: "Edit your own" },
    ],
  },
];

/** What the keyboard can do; nothing here needs a pointer. */
export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard">
      <div className="grid gap-5">
        {GROUPS.map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3 className="mb-1.5 text-sm font-medium">{title}</h3>
            <dl className="grid grid-cols-[8rem_1fr] gap-x-3 gap-y-1.5 text-sm">
              {keys.map(({ press, does }) => (
                <Row key={does} press={press} does={does} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Row({ press, does }: { press: string[]; does: string }) {
  return (
    <>
      <dt className="flex flex-wrap gap-1">
        {press.map((key) => (
          <kbd key={key} className="rounded border border-line bg-sunken px-1.5 font-mono text-xs leading-5">
            {key}
          </kbd>
        ))}
      </dt>
      <dd className="text-muted">{does}</dd>
    </>
  );
}
