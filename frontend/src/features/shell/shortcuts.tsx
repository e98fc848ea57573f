import { msg, t } from "../../shared/i18n";
import { Dialog } from "../../ui/dialog";

const CTRL = msg("Ctrl");

const GROUPS = [
  {
    title: msg("Everywhere"),
    keys: [
      { press: [CTRL, "K"], does: msg("Search rooms, people, messages and commands") },
      { press: ["Alt", "↑"], does: msg("Go to the room above") },
      { press: ["Alt", "↓"], does: msg("Go to the room below") },
      { press: [CTRL, "/"], does: msg("Show this list") },
      { press: ["Esc"], does: msg("Close what is open") },
    ],
  },
  {
    title: msg("Where you write"),
    keys: [
      { press: ["↑"], does: msg("Edit your newest message, while the field is empty") },
      { press: ["Esc"], does: msg("Drop an answer or an edit") },
      { press: [msg("Shift"), msg("Enter")], does: msg("Begin a new line, where Enter sends") },
    ],
  },
  {
    title: msg("On a message"),
    keys: [
      { press: ["↑"], does: msg("Go to the message above") },
      { press: ["↓"], does: msg("Go to the message below") },
      { press: [msg("Home")], does: msg("Go to the first one that is loaded") },
      { press: [msg("End")], does: msg("Go to the newest") },
      { press: ["R"], does: msg("Answer") },
      { press: ["E"], does: msg("Edit your own") },
    ],
  },
];

/** What the keyboard can do; nothing here needs a pointer. */
export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t("Keyboard")}>
      <div className="grid gap-5">
        {GROUPS.map(({ title, keys }) => (
          <section key={title} aria-label={t(title)}>
            <h3 className="mb-1.5 text-sm font-medium">{t(title)}</h3>
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
      <dt className="flex flex-wrap items-start gap-1 self-start">
        {press.map((key) => (
          <kbd key={key} className="rounded border border-line bg-sunken px-1.5 font-mono text-xs leading-5">
            {t(key)}
          </kbd>
        ))}
      </dt>
      <dd className="text-muted">{t(does)}</dd>
    </>
  );
}
