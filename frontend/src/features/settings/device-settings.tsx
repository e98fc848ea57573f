import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { type Prefs, setPref, usePrefs } from "../../shared/prefs";
import { Check } from "../../ui/check";
import { Choice } from "../../ui/choice";
import { LanguageChoice } from "../../ui/language-choice";
import { Notice } from "../../ui/notice";

/** Choices of this browser. */
export function DeviceSettings() {
  const prefs = usePrefs();
  const [problem, setProblem] = useState<string>();

  const allowNotifications = async (wanted: boolean) => {
    setProblem(undefined);
    const granted = wanted && "Notification" in globalThis && (await Notification.requestPermission()) === "granted";
    if (wanted && !granted)
      setProblem(t("The browser does not allow notifications for this site; change it there first."));
    setPref("notifications", granted);
  };

  const showPresence = async (shown: boolean) => {
    setProblem(undefined);
    try {
      await core.showPresence(shown);
      setPref("presence", shown);
    } catch (error) {
      setProblem(whyOf(error, t("That did not work.")));
    }
  };

  return (
    <div className="grid gap-5">
      <div className="grid gap-1.5 text-sm">
        <span className="font-medium" aria-hidden="true">
          {t("Language")}
        </span>
        <LanguageChoice
          className="h-11 rounded-xl border border-edge bg-surface px-3"
          value={prefs.language}
          first={{ value: "system", label: t("As the browser") }}
          onChange={(language) => setPref("language", language)}
        />
      </div>
      <Choice
        legend={t("Colours")}
        value={prefs.theme}
        onChange={(theme) => setPref("theme", theme)}
        options={[
          {
            value: "system",
            label: t("As the system"),
            hint: t("Light by day and dark by night, where it is set so."),
          },
          { value: "light", label: t("Light"), hint: t("Dark text on a light ground.") },
          { value: "dark", label: t("Dark"), hint: t("Light text on a dark ground.") },
        ]}
      />
      <div className="grid gap-3">
        <Switch name="enterSends" prefs={prefs} label={t("Enter sends")}>
          {t("Otherwise Ctrl+Enter does, and Enter makes a new line.")}
        </Switch>
        <Switch name="typing" prefs={prefs} label={t("Others see when I am writing")}>
          {t("The server passes it on and keeps nothing.")}
        </Switch>
        <Check
          label={t("Others see when I am online")}
          checked={prefs.presence}
          onChange={(shown) => void showPresence(shown)}
        >
          {t("It holds for your account on every device. The server knows either way.")}
        </Check>
        <Switch name="shareRead" prefs={prefs} label={t("My other devices know what I have read here")}>
          {t("Nobody else does: the server keeps it sealed, and sees only that and when it changes.")}
        </Switch>
        <Check
          label={t("Notifications")}
          checked={prefs.notifications}
          onChange={(wanted) => void allowNotifications(wanted)}
        >
          {t("They say that something is new, never what.")}
        </Check>
        {prefs.notifications && (
          <Switch name="notifyRoom" prefs={prefs} label={t("Notifications name the room")}>
            {t("Whoever looks at the screen can read it there.")}
          </Switch>
        )}
        <StayUnlocked />
        {problem && <Notice tone="warn">{problem}</Notice>}
      </div>
      <label className="grid gap-1.5 text-sm">
        <span className="font-medium">{t("Lock when nobody is here")}</span>
        <select
          className="h-11 rounded-xl border border-edge bg-surface px-3"
          value={prefs.autoLockMinutes}
          onChange={(event) => setPref("autoLockMinutes", Number(event.target.value))}
        >
          <option value={0}>{t("Never")}</option>
          <option value={5}>{t("After 5 minutes")}</option>
          <option value={15}>{t("After 15 minutes")}</option>
          <option value={60}>{t("After an hour")}</option>
        </select>
        <span className="text-muted">{t("Locking forgets the keys in every tab; the password opens them again.")}</span>
      </label>
    </div>
  );
}

const keepsQuery = { queryKey: ["keeps-key"], queryFn: () => core.keepsKey() };

function StayUnlocked() {
  const queries = useQueryClient();
  const { data: keeps = false } = useQuery(keepsQuery);
  const change = async (keep: boolean) => {
    queries.setQueryData(keepsQuery.queryKey, keep);
    await core.setKeepsKey(keep).finally(() => queries.invalidateQueries({ queryKey: keepsQuery.queryKey }));
  };
  return (
    <Check label={t("Stay unlocked over a reload")} checked={keeps} onChange={(keep) => void change(keep)}>
      {t(
        "Your key stays in this browser, sealed under one that no page can read out. Locking, signing out or ending this session removes it, and so do seven days away. Somebody who copies this browser’s files before that can open it: switch it off where others have access.",
      )}
    </Check>
  );
}

interface SwitchProps {
  name: "typing" | "enterSends" | "notifyRoom" | "shareRead";
  prefs: Prefs;
  label: string;
  children: ReactNode;
}

function Switch({ name, prefs, label, children }: SwitchProps) {
  return (
    <Check label={label} checked={prefs[name]} onChange={(value) => setPref(name, value)}>
      {children}
    </Check>
  );
}
