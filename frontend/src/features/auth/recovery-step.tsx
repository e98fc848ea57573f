import { Copy, Download } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { useLostFocus } from "../../shared/lost-focus";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";

/** Shows the recovery key, then asks for it back: only a typed key was really saved. */
export function RecoveryStep({ onBack, onConfirmed }: { onBack: () => void; onConfirmed: () => void }) {
  const [key, setKey] = useState<string>();
  const [saved, setSaved] = useState(false);
  const shown = useRef<HTMLOutputElement>(null);
  useLostFocus(shown);

  useEffect(() => {
    void core.beginRegistration().then(setKey);
  }, []);

  if (saved) return <ConfirmKey onBack={() => setSaved(false)} onConfirmed={onConfirmed} />;
  return (
    <div className="grid gap-4">
      <output
        ref={shown}
        tabIndex={-1}
        aria-label={t("Your recovery key")}
        className="grid grid-cols-4 gap-x-2 gap-y-2 rounded-xl bg-sunken p-4 text-center font-mono text-[1.05rem] tracking-wider select-all"
      >
        {key?.split("-").map((group, at) => (
          <span key={at}>
            {group}
            <span className="sr-only">-</span>
          </span>
        ))}
      </output>
      <div className="flex gap-2">
        <Button size="sm" onClick={() => key && void navigator.clipboard.writeText(key)}>
          <Copy className="size-4" aria-hidden="true" /> {t("Copy")}
        </Button>
        <Button size="sm" onClick={() => key && download(key)}>
          <Download className="size-4" aria-hidden="true" /> {t("Download")}
        </Button>
      </div>
      <p className="text-sm text-muted">
        {t("Write it down or keep it in a password manager. It is not shown again.")}
      </p>
      <div className="flex gap-2">
        <Button onClick={onBack}>{t("Back")}</Button>
        <Button variant="primary" className="grow" disabled={!key} onClick={() => setSaved(true)}>
          {t("I have saved it")}
        </Button>
      </div>
    </div>
  );
}

function ConfirmKey({ onBack, onConfirmed }: { onBack: () => void; onConfirmed: () => void }) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await core.confirmRecoveryKey(typed);
      onConfirmed();
    } catch (error) {
      setProblem(whyOf(error, t("That is not the key.")));
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <Field
        label={t("Type the recovery key back")}
        name="recovery-confirm"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        autoFocus
        className="font-mono"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        hint={t("Dashes, spaces and upper or lower case do not matter.")}
        error={problem}
      />
      <div className="flex gap-2">
        <Button onClick={onBack}>{t("Show it again")}</Button>
        <Button type="submit" variant="primary" className="grow">
          {t("Create account")}
        </Button>
      </div>
    </form>
  );
}

function download(key: string): void {
  const what = t("With this key you can sign in and open your messages when you forget your password.");
  const text = `${t("Sealcast recovery key")}\n\n${key}\n\n${what}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "sealcast-recovery-key.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
