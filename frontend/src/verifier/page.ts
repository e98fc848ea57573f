import { type Report, verifyBundle } from "./bundle";
import "./page.css";

/** The page: a file in, a verdict out. Everything is text; nothing of an export becomes markup. */

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const input = element<HTMLInputElement>("file");
const status = element("status");
const result = element("result");

input.addEventListener("change", () => {
  const file = input.files?.[0];
  if (file) void check(file);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) void check(file);
});

async function check(file: File): Promise<void> {
  result.replaceChildren();
  status.textContent = `Checking ${file.name} …`;
  const anchors = {
    logKey: element<HTMLInputElement>("log-key").value.trim(),
    exporter: element<HTMLInputElement>("exporter").value.trim().toLowerCase(),
  };
  const octets = new Uint8Array(await file.arrayBuffer());
  const report = await verifyBundle(octets, anchors, (text) => {
    status.textContent = `Checking ${file.name}: ${text}`;
  });
  status.textContent = verdict(report, anchors.logKey !== "");
  document.body.dataset["verdict"] = report.faults.length > 0 ? "fails" : anchors.logKey ? "holds" : "unpinned";
  show(report);
}

function verdict(report: Report, pinned: boolean): string {
  if (report.faults.length > 0)
    return `Not verified: ${report.faults.length === 1 ? "one thing does" : `${report.faults.length} things do`} not hold.`;
  return pinned
    ? "Verified under the log key that you gave."
    : "Consistent in itself. Compare the log’s key below before you rely on it.";
}

function show({ manifest, steps, notes, faults, texts }: Report): void {
  if (faults.length > 0) {
    result.append(
      list(
        "What does not hold",
        faults.map(({ part, line, reason }) => `${part}${line === undefined ? "" : `, line ${line}`}: ${reason}`),
      ),
    );
  }
  result.append(
    list(
      "What holds",
      steps.map(({ name, detail }) => `${name}: ${detail}`),
    ),
  );
  if (notes.length > 0) result.append(list("To know", notes));
  if (manifest) {
    const { room_id, from, to, counts } = manifest;
    const period = `${from ?? "the beginning"} to ${to ?? "the newest"}`;
    result.append(
      list("The export", [
        `room ${room_id}`,
        period,
        `${counts.messages} messages, ${counts.events} events of membership`,
      ]),
    );
  }
  if (texts.length > 0 && faults.length === 0) result.append(table(texts));
}

function list(title: string, items: string[]): HTMLElement {
  const section = document.createElement("section");
  const heading = document.createElement("h2");
  heading.textContent = title;
  const entries = document.createElement("ul");
  for (const item of items) {
    const entry = document.createElement("li");
    entry.textContent = item;
    entries.append(entry);
  }
  section.append(heading, entries);
  return section;
}

function table(texts: Report["texts"]): HTMLElement {
  const whole = document.createElement("table");
  const caption = whole.createCaption();
  caption.textContent = "The texts";
  const head = whole.createTHead().insertRow();
  for (const title of ["Time", "From", "Kind", "Text", "Id"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = whole.createTBody();
  for (const { accepted_at, username, opened, unreadable, id } of texts) {
    const row = body.insertRow();
    for (const value of [accepted_at, username, opened?.kind ?? "", opened?.text ?? `(${unreadable ?? ""})`, id]) {
      row.insertCell().textContent = value;
    }
  }
  return whole;
}
