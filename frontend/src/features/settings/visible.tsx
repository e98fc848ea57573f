import { msg, t } from "../../shared/i18n";
const SEES = [
  msg("Your user name, your key’s public half, and when and from where you sign in."),
  msg("Which rooms there are, their names, who is in them and with which role."),
  msg("Who writes in which room and when, and about how long it is (in steps of 256 characters)."),
  msg("Who is online, who is writing, which room’s history you load, and when you have read something in a room."),
];
const HIDDEN = [
  msg("What you write: messages, answers, edits, reactions and mentions."),
  msg("Your password and your recovery key; your secret key is stored locked under them."),
  msg("A room’s key, and the secret of an invite link."),
  msg("How far you have read: it goes to your other devices sealed, and you can switch that off."),
  msg("Your drafts and what you search for: they stay on this device."),
];

/** In plain words. */
export function Visible() {
  return (
    <div className="grid gap-4 text-sm">
      <List title={t("The server sees")} items={SEES} />
      <List title={t("The server cannot read")} items={HIDDEN} />
      <p className="text-muted">
        {t(
          "Your organisation’s compliance officers hold a key of their own that opens messages. Each such reading is an event of the audit log. The code of this page comes from the server too: whoever controls it could change it.",
        )}
      </p>
    </div>
  );
}

function List({ title, items }: { title: string; items: string[] }) {
  return (
    <div>
      <h3 className="font-medium">{title}</h3>
      <ul className="mt-1 list-disc ps-5 text-muted">
        {items.map((item) => (
          <li key={item}>{t(item)}</li>
        ))}
      </ul>
    </div>
  );
}
