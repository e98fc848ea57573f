import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

/** Lets people register and talk in the room of a link, faster than browsers could (`sealcast-crowd`). */
const PROGRAM = process.env["E2E_CROWD"] ?? "";
const base = (link: string, messages: number) => [
  "--up",
  process.env["E2E_UP"] ?? "",
  "--link",
  link,
  "--messages",
  String(messages),
];

/** Everything at once; ends when all of it is accepted. */
export async function say(link: string, messages: number, text = "Crowd message"): Promise<void> {
  await promisify(execFile)(PROGRAM, [...base(link, messages), "--text", text]);
}

/** At a pace; `ended` says when the last one is accepted. */
export function talk(
  link: string,
  { text, messages, people, rate }: { text: string; messages: number; people: number; rate: number },
): { process: ChildProcess; ended: Promise<void> } {
  const pace = ["--people", String(people), "--rate", String(rate), "--text", text];
  const process = spawn(PROGRAM, [...base(link, messages), ...pace], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(process, "exit").then(([code]) => {
    if (code !== 0) throw new Error(`the crowd ended with ${code}`);
  });
  return { process, ended };
}
