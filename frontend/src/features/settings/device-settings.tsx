import { type ReactNode, useState } from "react";
import { type Prefs, setPref, usePrefs } from "../../shared/prefs";
import { Choice } from "../../ui/choice";
import { Notice } from "../../ui/notice";

/** Choices of this browser. */
export function DeviceSettings() {
  const prefs = usePrefs();
  const [problem, setProblem] = useState<string>();

  const allowNotifications = async (wanted: boolean) => {
    setProblem(undefined);
    const granted = wanted && "Notification" in globalThis && (await Notification.requestPermission()) === "granted";
    if (wanted && !granted)
      setProblem("The browser does not allow notifications for this site; change it there first.");
    setPref("notifications", granted);
  };

  return (
    <div className="grid gap-5">
      <Choice
        legend="Colours"
        value={prefs.theme}
        onChange={(theme) => setPref("theme", theme)}
        options={[
          { value: "system", label: "As the system", hint: "Light by day and dark by night, where it is set so." },
          { value: "light", label: "Light", hint: "Dark text on a light ground." },
          { value: "dark", label: "Dark", hint: "Light text on a dark ground." },
        ]}
      />
      <div className="grid gap-3">
        <Switch name="enterSends" prefs={prefs} label="Enter sends">
          Otherwise Ctrl+Enter does, and Enter makes a new line.
        </Switch>
        <Switch name="typing" prefs={prefs} label="Others see when I am writing">
          The server passes it on and keeps nothing.
        </Switch>
        <Check
          label="Notifications"
          checked={prefs.notifications}
          onChange={(wanted) => void allowNotifications(wanted)}
        >
          They say that something is new, never what.
        </Check>
        {problem && <Notice tone="warn">{problem}</Notice>}
      </div>
      <label className="grid gap-1.5 text-sm">
        <span className="font-medium">Lock when nobody is here</span>
        <select
          className="h-11 rounded-xl border border-line bg-surface px-3"
          value={prefs.autoLockMinutes}
          onChange={(event) => setPref("autoLockMinutes", Number(event.target.value))}
        >
          <option value={0}>Never</option>
          <option value={5}>After 5 minutes</option>
          <option value={15}>After 15 minutes</option>
          <option value={60}>After an hour</option>
        </select>
        <span className="text-muted">Locking forgets the keys in every tab; the password opens them again.</span>
      </label>
    </div>
  );
}

interface SwitchProps {
  name: "typing" | "enterSends";
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

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}

function Check({ label, checked, onChange, children }: CheckProps) {
  return (
    <label className="flex cursor-pointer gap-3 text-sm">
      <input
        type="checkbox"
        className="mt-0.5 size-4 accent-accent"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        <span className="block font-medium">{label}</span>
        <span className="block text-muted">{children}</span>
      </span>
    </label>
  );
}
