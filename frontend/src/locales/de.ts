import type { Catalogue } from "../shared/i18n";

/** German. Keys are the English texts; the order is that of the screens. */
export const de: Catalogue = {
  // Signing in, registering, joining
  "User name": "Benutzername",
  "Others see it next to your messages.": "Andere sehen ihn neben deinen Nachrichten.",
  Password: "Passwort",
  "This password is too easy to guess.": "Dieses Passwort ist zu leicht zu erraten.",
  "Repeat password": "Passwort wiederholen",
  "The two passwords differ.": "Die beiden Passwörter sind verschieden.",
  Continue: "Weiter",
  "Messages are encrypted on this device. The server stores them, but cannot read them.":
    "Nachrichten werden auf diesem Gerät verschlüsselt. Der Server speichert sie, kann sie aber nicht lesen.",
  "The new password is in use. Your recovery key stays the same.":
    "Das neue Passwort gilt. Dein Wiederherstellungsschlüssel bleibt derselbe.",
  "{count} other sessions ended.": {
    one: "Eine andere Sitzung wurde beendet.",
    other: "{count} andere Sitzungen wurden beendet.",
  },
  "The password could not be changed.": "Das Passwort konnte nicht geändert werden.",
  "Change password": "Passwort ändern",
  "Current password": "Jetziges Passwort",
  "Recovery key": "Wiederherstellungsschlüssel",
  "I forgot it: use the recovery key": "Vergessen: Wiederherstellungsschlüssel verwenden",
  "Use the current password": "Jetziges Passwort verwenden",
  "New password": "Neues Passwort",
  "Repeat new password": "Neues Passwort wiederholen",
  "Checking your invite": "Einladung wird geprüft",
  "This invite does not work": "Diese Einladung gilt nicht",
  "You could not be added to the room.": "Du konntest nicht in den Raum aufgenommen werden.",
  "Join {room}": "{room} beitreten",
  "The link holds the room’s key, so you can read at once.":
    "Der Link enthält den Schlüssel des Raums; du kannst sofort mitlesen.",
  "Not now": "Nicht jetzt",
  Join: "Beitreten",
  "It does not open your account.": "Er öffnet dein Konto nicht.",
  "Check the recovery key": "Wiederherstellungsschlüssel prüfen",
  "Check your copy": "Prüfe, was du aufbewahrt hast",
  "Type it in: the server is asked whether it opens your account. The check is an event of the audit log.":
    "Gib ihn ein: Der Server wird gefragt, ob er dein Konto öffnet. Die Prüfung steht im Prüfprotokoll.",
  Check: "Prüfen",
  "Do you still have your recovery key? Without it, a forgotten password closes your messages for good.":
    "Hast du deinen Wiederherstellungsschlüssel noch? Ohne ihn verschließt ein vergessenes Passwort deine Nachrichten für immer.",
  "Check it": "Prüfen",
  Later: "Später",
  "Never checked on this device.": "Auf diesem Gerät noch nie geprüft.",
  "It worked {ago}.": "Zuletzt hat er funktioniert: {ago}.",
  "It worked {ago}. Check again whether you still have it.":
    "Zuletzt hat er funktioniert: {ago}. Prüfe, ob du ihn noch hast.",
  "Your recovery key": "Dein Wiederherstellungsschlüssel",
  Copy: "Kopieren",
  Download: "Herunterladen",
  "Write it down or keep it in a password manager. It is not shown again.":
    "Schreib ihn auf oder bewahre ihn in einem Passwortmanager auf. Er wird nicht noch einmal gezeigt.",
  Back: "Zurück",
  "I have saved it": "Ich habe ihn gesichert",
  "That is not the key.": "Das ist nicht der Schlüssel.",
  "Type the recovery key back": "Gib den Wiederherstellungsschlüssel ein",
  "Dashes, spaces and upper or lower case do not matter.":
    "Striche, Leerzeichen und Groß- oder Kleinschreibung sind egal.",
  "Show it again": "Noch einmal zeigen",
  "Create account": "Konto anlegen",
  "With this key you can sign in and open your messages when you forget your password.":
    "Mit diesem Schlüssel kannst du dich anmelden und deine Nachrichten öffnen, wenn du dein Passwort vergisst.",
  "Sealcast recovery key": "Sealcast-Wiederherstellungsschlüssel",
  "The account could not be created.": "Das Konto konnte nicht angelegt werden.",
  "Save your recovery key": "Sichere deinen Wiederherstellungsschlüssel",
  "If you forget your password, only this key opens your messages again. Nobody can reset it for you.":
    "Wenn du dein Passwort vergisst, öffnet nur dieser Schlüssel deine Nachrichten wieder. Niemand kann ihn für dich zurücksetzen.",
  "Creating your account": "Dein Konto wird angelegt",
  "Making your keys and locking them with your password…":
    "Deine Schlüssel werden erzeugt und mit deinem Passwort verschlossen …",
  "Create your account": "Konto anlegen",
  "You are invited to {room}.": "Du bist zu {room} eingeladen.",
  "Already have an account?": "Hast du schon ein Konto?",
  "Sign in": "Anmelden",
  "That did not work.": "Das hat nicht geklappt.",
  "Unlock your messages": "Nachrichten entsperren",
  "You are signed in as {name}.": "Du bist als {name} angemeldet.",
  "The keys are forgotten in every tab; what you wrote and did not send is kept, encrypted.":
    "Die Schlüssel sind in allen Tabs vergessen; was du geschrieben und nicht gesendet hast, bleibt verschlüsselt erhalten.",
  "Your keys are not kept on this device, so the password is needed again.":
    "Deine Schlüssel bleiben nicht auf diesem Gerät, darum braucht es wieder das Passwort.",
  "Opening your keys…": "Schlüssel werden geöffnet …",
  Unlock: "Entsperren",
  "The 32 characters you saved when you registered.": "Die 32 Zeichen, die du beim Anlegen des Kontos gesichert hast.",
  "Use the recovery key": "Wiederherstellungsschlüssel verwenden",
  "Use the password": "Passwort verwenden",
  "Sign out": "Abmelden",
  "Create an account": "Konto anlegen",
  "Too easy to guess": "Zu leicht zu erraten",
  Weak: "Schwach",
  Fair: "Mittelmäßig",
  Good: "Gut",
  Strong: "Stark",
  "Make it longer, 15 characters at least: four or five unrelated words work well.":
    "Mach es länger, mindestens 15 Zeichen: Vier oder fünf Wörter ohne Zusammenhang taugen gut.",
  "Add another unrelated word or two.": "Füge noch ein, zwei Wörter ohne Zusammenhang hinzu.",
  Starting: "Sealcast startet",
  "This page could not be shown": "Diese Seite konnte nicht gezeigt werden",
  "Your messages, drafts and whatever waits to be sent are safe. Loading the page again usually helps.":
    "Deine Nachrichten, Entwürfe und alles, was auf das Senden wartet, sind sicher. Meist hilft es, die Seite neu zu laden.",
  "Load again": "Neu laden",
  "The server cannot be reached": "Der Server ist nicht erreichbar",

  // Writing
  "It could not be queued.": "Sie konnte nicht in die Warteschlange.",
  "Your text is still in the field.": "Dein Text steht noch im Feld.",
  "Message to {room}": "Nachricht an {room}",
  "Message {room}": "Nachricht an {room}",
  Send: "Senden",
  "Editing:": "Bearbeiten:",
  "Answering {name}:": "Antwort an {name}:",
  Cancel: "Abbrechen",
  "People to mention": "Personen zum Erwähnen",
  Emoji: "Emoji",
  "Loading …": "Wird geladen …",
  "Search emoji": "Emoji suchen",
  "Recently used": "Zuletzt verwendet",
  Found: "Gefunden",
  "No emoji has such a name.": "Kein Emoji heißt so.",
  "{names} is writing…": "{names} schreibt …",
  "{names} are writing…": "{names} schreiben …",
  "{names} and {count} others": { one: "{names} und noch jemand", other: "{names} und {count} andere" },

  // The connection, and what is wrong
  "From {date} on messages are encrypted to your organisation’s next compliance key. The key of today has signed it; the settings show both.":
    "Ab {date} werden Nachrichten für den nächsten Compliance-Schlüssel deiner Organisation verschlüsselt. Der heutige Schlüssel hat ihn unterschrieben; die Einstellungen zeigen beide.",
  "Got it": "Verstanden",
  "The organisation’s compliance key is not the one this device knows. Sending is paused until it is explained.":
    "Der Compliance-Schlüssel der Organisation ist nicht der, den dieses Gerät kennt. Das Senden ruht, bis das geklärt ist.",
  "The audit log contradicts itself: {why}.": "Das Prüfprotokoll widerspricht sich: {why}.",
  "Back online.": "Wieder verbunden.",
  "Connecting… What you write is sent later.": "Verbindung wird aufgebaut … Was du schreibst, wird später gesendet.",
  "You are offline.": "Du bist offline.",
  "What you write is kept here, encrypted, and sent later.":
    "Was du schreibst, bleibt hier verschlüsselt liegen und wird später gesendet.",
  "Try now": "Jetzt versuchen",
  "Connection lost. Next try in {seconds} s.": "Verbindung verloren. Nächster Versuch in {seconds} s.",

  // Members and invites
  "Invite to {room}": "Zu {room} einladen",
  "The link contains the room’s key. Send it the way you would send a key.":
    "Der Link enthält den Schlüssel des Raums. Verschicke ihn so, wie du einen Schlüssel verschicken würdest.",
  "The link could not be made.": "Der Link konnte nicht erstellt werden.",
  "Valid for (days)": "Gültig (Tage)",
  People: "Personen",
  "Make the link": "Link erstellen",
  "Invite link": "Einladungslink",
  Copied: "Kopiert",
  "The link could not be ended.": "Der Link konnte nicht beendet werden.",
  "No link to this room works at the moment.": "Zurzeit gilt kein Link zu diesem Raum.",
  "Links that work": "Gültige Links",
  "By {name}": "Von {name}",
  "{uses} of {max} used": "{uses} von {max} benutzt",
  "until {time}": "bis {time}",
  Revoke: "Beenden",
  "a former member": "einem früheren Mitglied",
  Members: "Mitglieder",
  "Close members": "Mitglieder schließen",
  "Invite by link": "Mit Link einladen",
  "The members could not be loaded: {why}": "Die Mitglieder konnten nicht geladen werden: {why}",
  "Seen {ago}": "Gesehen: {ago}",
  Offline: "Offline",
  Online: "Online",
  Verified: "Geprüft",
  "room admin": "Raumverwaltung",
  "Does not hold the room key yet": "Hat den Schlüssel des Raums noch nicht",
  "Room admin since {time}": "In der Raumverwaltung seit {time}",
  "Member since {time}": "Mitglied seit {time}",
  Key: "Schlüssel",
  Fingerprint: "Fingerabdruck",
  "Words to compare": "Wörter zum Vergleichen",
  "Call or meet {name}: both of you see the same eight words here, or somebody is in between.":
    "Ruf {name} an oder trefft euch: Ihr seht hier beide dieselben acht Wörter, oder es steht jemand dazwischen.",
  "You compared them on {time}.": "Verglichen am {time}.",
  "Take back": "Zurücknehmen",
  "The words are the same": "Die Wörter sind gleich",
  History: "Verlauf",
  "Older messages": "Ältere Nachrichten",
  "Hands {name} every key of this room that you hold. They can then read whatever you can.":
    "Gibt {name} alle Schlüssel dieses Raums, die du hast. Danach ist alles lesbar, was auch du lesen kannst.",
  "Done: {count} keys handed over.": {
    one: "Fertig: ein Schlüssel übergeben.",
    other: "Fertig: {count} Schlüssel übergeben.",
  },
  "Share the history": "Verlauf teilen",
  "If {name} is gone from the list, change the key under “About this room”.":
    "Wenn {name} nicht mehr in der Liste steht, wechsle den Schlüssel unter „Über diesen Raum“.",
  Remove: "Entfernen",
  "Removing changes the room’s key at once: {name} keeps what they could read, and reads nothing that follows.":
    "Beim Entfernen wechselt sofort der Schlüssel des Raums: {name} behält das bisher Lesbare und liest nichts von dem, was folgt.",
  "Yes, remove {name}": "Ja, {name} entfernen",
  "Remove from the room": "Aus dem Raum entfernen",
  "People waiting for the key": "Personen, die auf den Schlüssel warten",
  "and {count} more": "und {count} weitere",
  "{name} waits for this room’s key. Do you know that it is them?":
    "{name} wartet auf den Schlüssel dieses Raums. Weißt du, dass es die richtige Person ist?",
  "Let in": "Einlassen",
  Refuse: "Ablehnen",

  "This is not a code for comparing keys": "Das ist kein Code zum Schlüsselvergleich",
  "This code is yours": "Das ist dein eigener Code",
  "Let the other person scan it: they open a member’s details and choose “Show as QR code”.":
    "Gescannt wird er vom anderen Gerät: Man öffnet jemanden unter Mitglieder und wählt „Als QR-Code zeigen“.",
  "This code could not be checked": "Der Code konnte nicht geprüft werden",
  "{name} is verified": "{name} ist geprüft",
  "If their key ever changes, nothing is sent where they are until you decide.":
    "Wenn sich der Schlüssel je ändert, wird in gemeinsame Räume nichts gesendet, bis du entscheidest.",
  "The code fits {name}’s key": "Der Code passt zum Schlüssel von {name}",
  "Go on only if you scanned it from {name}’s own screen. Anybody can send you a link that looks right.":
    "Mach nur weiter, wenn du ihn selbst vom Bildschirm von {name} gescannt hast. Einen Link, der richtig aussieht, kann jeder schicken.",
  "I scanned it from {name}’s screen": "Ich habe ihn vom Bildschirm von {name} gescannt",
  "The code does not fit {name}’s key": "Der Code passt nicht zum Schlüssel von {name}",
  "This device knows another key for {name} than their own device does, so somebody may be in between. Tell an administrator before you write anything that matters.":
    "Dieses Gerät kennt für {name} einen anderen Schlüssel als das Gerät von {name}; vielleicht steht jemand dazwischen. Melde es der Administration, bevor du etwas Wichtiges schreibst.",
  "Go to the rooms": "Zu den Räumen",
  "A changed key": "Ein geänderter Schlüssel",
  "{name} has another key than the one you compared, since {time}.":
    "{name} hat seit {time} einen anderen Schlüssel als den, den du verglichen hast.",
  "{name} has a new key, since {time}.": "{name} hat seit {time} einen neuen Schlüssel.",
  "Nothing is sent here until you have decided; what you were writing is kept.":
    "Hier wird nichts gesendet, bis du entschieden hast; was du gerade schreibst, bleibt erhalten.",
  "That happens when an account is set up anew. It can also mean that somebody is in between.":
    "Das kommt vor, wenn ein Konto neu eingerichtet wird. Es kann auch heißen, dass jemand dazwischensteht.",
  Compare: "Vergleichen",
  "Yes, without comparing": "Ja, ohne Vergleich",
  "Use the new key": "Neuen Schlüssel nehmen",
  "All right": "In Ordnung",
  "It took the place of another key on {time}. Compare it before you rely on it.":
    "Er hat am {time} einen anderen Schlüssel abgelöst. Vergleiche ihn, bevor du dich auf ihn verlässt.",
  "Hide the QR code": "QR-Code verbergen",
  "Show as QR code": "Als QR-Code zeigen",
  "A code for {name} to scan": "Ein Code, den {name} scannt",
  "{name} scans it with the camera of a device where they use Sealcast: it says whether the keys fit.":
    "{name} scannt ihn mit der Kamera eines Geräts, auf dem dort Sealcast läuft: Es sagt, ob die Schlüssel passen.",
  "Before: {fingerprint}": "Vorher: {fingerprint}",

  // Rooms
  "About {room}": "Über {room}",
  "Everybody in the organisation is in it.": "Alle in der Organisation sind darin.",
  "Everybody in the organisation sees that it exists; only members read.":
    "Alle in der Organisation sehen, dass es ihn gibt; nur Mitglieder lesen.",
  "Only members know that it exists.": "Nur Mitglieder wissen, dass es ihn gibt.",
  "By invite link. The link carries the key, so whoever has it reads at once, and the server cannot let anybody in.":
    "Mit Einladungslink. Der Link trägt den Schlüssel: Wer ihn hat, liest sofort mit, und der Server kann niemanden einlassen.",
  "A member lets them in after they asked, or by invite link. The server cannot let anybody in by itself.":
    "Ein Mitglied lässt sie auf Anfrage ein, oder ein Einladungslink. Der Server kann von sich aus niemanden einlassen.",
  "Who sees it": "Wer ihn sieht",
  "How people get in": "Wie man hineinkommt",
  "What newcomers read": "Was Neue lesen",
  "Everything written with the current key, so since {time}.":
    "Alles, was mit dem jetzigen Schlüssel geschrieben wurde, also seit {time}.",
  "Everything written with the current key.": "Alles, was mit dem jetzigen Schlüssel geschrieben wurde.",
  "The whole history, as far as whoever lets them in, or made their link, can read it.":
    "Den ganzen Verlauf, soweit ihn liest, wer sie hereinlässt oder ihren Link gemacht hat.",
  "From the current key on": "Ab dem aktuellen Schlüssel",
  "The whole history": "Den ganzen Verlauf",
  "They get every key that whoever lets them in holds. Links made before do not change.":
    "Sie bekommen jeden Schlüssel, den hat, wer sie hereinlässt. Früher gemachte Links ändern sich nicht.",
  "They will read all that you can.": "Sie lesen dann alles, was du lesen kannst.",
  "They will read what the current key opens.": "Sie lesen dann, was der aktuelle Schlüssel öffnet.",
  "Whoever follows it reads the whole history, as far as you can.":
    "Wer ihm folgt, liest den ganzen Verlauf, soweit du ihn liest.",
  "Whoever follows it reads what was written with the current key.":
    "Wer ihm folgt, liest, was mit dem aktuellen Schlüssel geschrieben wurde.",
  "Older messages only if a member shares the history with them.":
    "Ältere Nachrichten nur, wenn ein Mitglied den Verlauf mit ihnen teilt.",
  "The key": "Der Schlüssel",
  "Number {epoch}, since {time}.": "Nummer {epoch}, seit {time}.",
  "Number {epoch}.": "Nummer {epoch}.",
  "Every message is also encrypted to the organisation’s compliance key.":
    "Jede Nachricht ist auch für den Compliance-Schlüssel der Organisation verschlüsselt.",
  "You do not hold it yet.": "Du hast ihn noch nicht.",
  "You hold it.": "Du hast ihn.",
  "You hold it and {count} older.": { one: "Du hast ihn und einen älteren.", other: "Du hast ihn und {count} ältere." },
  "Nothing was written on that day or later.": "An diesem Tag und danach wurde nichts geschrieben.",
  "Go to a day": "Zu einem Tag springen",
  Go: "Los",
  "Key number {epoch} is in use. Links made before no longer work.":
    "Schlüssel Nummer {epoch} gilt. Ältere Links funktionieren nicht mehr.",
  "Without it: {names}, whose keys do not check out.":
    "Ohne ihn: {names}, deren Schlüssel der Prüfung nicht standhalten.",
  "The key could not be changed.": "Der Schlüssel konnte nicht gewechselt werden.",
  "Change the key": "Schlüssel wechseln",
  "The key changes by itself when somebody is removed or leaves while an admin is here. Change it now if a link or a device got into wrong hands.":
    "Der Schlüssel wechselt von selbst, wenn jemand entfernt wird oder geht, während die Verwaltung des Raums da ist. Wechsle ihn jetzt, wenn ein Link oder ein Gerät in falsche Hände geraten ist.",
  "You could not leave.": "Du konntest nicht gehen.",
  Leave: "Verlassen",
  "You will need to ask again to come back.": "Um zurückzukommen, musst du wieder anfragen.",
  "You will need a new link to come back.": "Um zurückzukommen, brauchst du einen neuen Link.",
  "Yes, leave {room}": "Ja, {room} verlassen",
  "Leave the room": "Raum verlassen",
  "New room": "Neuer Raum",
  "Its key is made on this device.": "Sein Schlüssel entsteht auf diesem Gerät.",
  "The room could not be created.": "Der Raum konnte nicht angelegt werden.",
  Name: "Name",
  "Who sees that it exists": "Wer sieht, dass es ihn gibt",
  "Members only": "Nur Mitglieder",
  "Nobody else sees its name.": "Sonst sieht niemand seinen Namen.",
  "Everybody in the organisation": "Alle in der Organisation",
  "Others can ask to join.": "Andere können um Aufnahme bitten.",
  "By invite link": "Mit Einladungslink",
  "The link carries the key; they read at once.": "Der Link trägt den Schlüssel; sie lesen sofort mit.",
  "A member lets them in": "Ein Mitglied lässt sie ein",
  "They ask, somebody here decides. Links work too.": "Sie fragen an, jemand hier entscheidet. Links gehen auch.",
  "Anybody who asks": "Wer auch immer fragt",
  "The devices of members hand over the key by themselves.":
    "Die Geräte der Mitglieder geben den Schlüssel von selbst weiter.",
  "Whoever runs the server can name anybody here, and members’ devices would hand them the key. That keeps out a stolen database, not the operator.":
    "Wer den Server betreibt, kann hier jeden nennen, und die Geräte der Mitglieder gäben den Schlüssel heraus. Das schützt vor einer gestohlenen Datenbank, nicht vor dem Betreiber.",
  "Whoever asks: the devices of members hand over the key by themselves, to whomever the server names. That keeps out a stolen database, not the operator.":
    "Wer fragt: Die Geräte der Mitglieder geben den Schlüssel von selbst weiter, an wen auch immer der Server nennt. Das schützt vor einer gestohlenen Datenbank, nicht vor dem Betreiber.",
  "This room is open: the device of a member who is online hands you the key.":
    "Dieser Raum ist offen: Das Gerät eines Mitglieds, das online ist, gibt dir den Schlüssel.",
  "You have asked to join. The key comes as soon as a member is online.":
    "Du hast um Aufnahme gebeten. Der Schlüssel kommt, sobald ein Mitglied online ist.",
  "Create room": "Raum anlegen",
  "You could not ask.": "Die Anfrage ging nicht hinaus.",
  "You are not in this room": "Du bist nicht in diesem Raum",
  "It takes people by invite link. Ask a member for one.":
    "Hinein kommt man mit Einladungslink. Bitte ein Mitglied um einen.",
  "You have asked to join. A member decides, and hands you the key.":
    "Du hast um Aufnahme gebeten. Ein Mitglied entscheidet und gibt dir den Schlüssel.",
  "Ask to join: a member decides, and their device hands you the key.":
    "Bitte um Aufnahme: Ein Mitglied entscheidet, und dessen Gerät gibt dir den Schlüssel.",
  "Ask to join": "Um Aufnahme bitten",
  "You do not hold the key of “{room}” yet": "Du hast den Schlüssel von „{room}“ noch nicht",
  "The server cannot give it to you, because it does not have it. Either open an invite link for this room, or wait until a member lets you in: they see that you are here. Messages open by themselves as soon as the key arrives.":
    "Der Server kann ihn dir nicht geben, denn er hat ihn nicht. Öffne einen Einladungslink für diesen Raum, oder warte, bis ein Mitglied dich einlässt: Sie sehen, dass du da bist. Nachrichten öffnen sich von selbst, sobald der Schlüssel kommt.",
  "Try again": "Noch einmal versuchen",
  "All rooms": "Alle Räume",
  "About this room": "Über diesen Raum",
  "Members: {count}": "Mitglieder: {count}",
  "Open to the organisation": "Offen für die Organisation",
  "There is no such room": "Diesen Raum gibt es nicht",
  "Or you are not a member of it.": "Oder du bist nicht darin.",
  "Go to the lobby": "Zur Lobby",
  Rooms: "Räume",
  "Create a room": "Raum anlegen",
  Muted: "Stumm",
  "Mute on this device": "Auf diesem Gerät stummschalten",
  "Only mentions are told of.": "Nur Erwähnungen werden gemeldet.",
  "Choose a room": "Wähle einen Raum",
  "Or press Ctrl+K and type where you want to go.": "Oder drücke Strg+K und schreib, wohin du willst.",
  "The messages could not be loaded.": "Die Nachrichten konnten nicht geladen werden.",
  "The rooms could not be loaded.": "Die Räume konnten nicht geladen werden.",
  "You could join": "Du könntest beitreten",
  asked: "angefragt",
  "You were mentioned": "Du wurdest erwähnt",
  "you were mentioned": "du wurdest erwähnt",
  unread: "ungelesen",

  // Searching
  Search: "Suche",
  "Search (Ctrl+K)": "Suche (Strg+K)",
  "Search rooms, people, messages and commands": "Räume, Leute, Nachrichten und Befehle suchen",
  "Rooms, @people, messages, commands": "Räume, @Leute, Nachrichten, Befehle",
  Commands: "Befehle",
  "Mute this room": "Diesen Raum stummschalten",
  "Unmute this room": "Diesen Raum nicht mehr stummschalten",
  "Mark all rooms as read": "Alle Räume als gelesen markieren",
  "Light colours": "Helle Farben",
  "Dark colours": "Dunkle Farben",
  Messages: "Nachrichten",
  "No message holds all of these words.": "Keine Nachricht enthält alle diese Wörter.",
  "Searched {count} messages that this device has read, since {since}. The server never learns what you search for.": {
    one: "Durchsucht: die eine Nachricht, die dieses Gerät gelesen hat, vom {since}. Der Server erfährt nie, wonach du suchst.",
    other:
      "Durchsucht: {count} Nachrichten, die dieses Gerät gelesen hat, seit {since}. Der Server erfährt nie, wonach du suchst.",
  },

  // Sessions
  Sessions: "Sitzungen",
  "Where you are signed in. Ending one closes it within a second.":
    "Wo du angemeldet bist. Wird eine beendet, schließt sie sich binnen einer Sekunde.",
  "Who looked at my messages": "Wer meine Nachrichten angesehen hat",
  "When an officer looks at your messages, it is in the audit log before anything is shown. Nobody can switch this list off; a case may delay it.":
    "Sieht eine Prüferin deine Nachrichten an, steht es im Protokoll, bevor etwas gezeigt wird. Niemand kann diese Liste abschalten; ein Fall kann sie verzögern.",
  "The list could not be loaded.": "Die Liste konnte nicht geladen werden.",
  "Nobody has looked at your messages.": "Niemand hat deine Nachrichten angesehen.",
  "Show older": "Ältere zeigen",
  "with the consent of": "mit Zustimmung von",
  "Case {number}": "Fall {number}",
  "entry {leaf} of the log": "Eintrag {leaf} des Protokolls",
  "{count} messages were looked up": {
    one: "Eine Nachricht wurde nachgeschlagen",
    other: "{count} Nachrichten wurden nachgeschlagen",
  },
  "{count} messages were decrypted": {
    one: "Eine Nachricht wurde entschlüsselt",
    other: "{count} Nachrichten wurden entschlüsselt",
  },
  "{count} messages were exported": {
    one: "Eine Nachricht wurde ausgegeben",
    other: "{count} Nachrichten wurden ausgegeben",
  },
  "It could not be ended.": "Sie konnte nicht beendet werden.",
  "End all other sessions": "Alle anderen Sitzungen beenden",
  "This session": "Diese Sitzung",
  "Last used {ago}": "Zuletzt benutzt: {ago}",
  "Unknown program": "Unbekanntes Programm",
  "{browser} on {system}": "{browser} auf {system}",

  // Settings
  Settings: "Einstellungen",
  "If you forget your password, only this key opens your messages again.":
    "Wenn du dein Passwort vergisst, öffnet nur dieser Schlüssel deine Nachrichten wieder.",
  "It opens your key on any device.": "Es öffnet deinen Schlüssel auf jedem Gerät.",
  "Where you are signed in.": "Wo du angemeldet bist.",
  "This device": "Dieses Gerät",
  "Kept in this browser only.": "Nur in diesem Browser gespeichert.",
  "Keys and the audit log": "Schlüssel und Prüfprotokoll",
  "What this client checks for you.": "Was dieses Programm für dich prüft.",
  "What the server can see": "Was der Server sehen kann",
  "In plain words.": "In einfachen Worten.",
  Language: "Sprache",
  "As the browser": "Wie der Browser",
  "The browser does not allow notifications for this site; change it there first.":
    "Der Browser erlaubt dieser Seite keine Mitteilungen; ändere das zuerst dort.",
  Colours: "Farben",
  "As the system": "Wie das System",
  "Light by day and dark by night, where it is set so.": "Am Tag hell und nachts dunkel, wenn es so eingestellt ist.",
  Light: "Hell",
  "Dark text on a light ground.": "Dunkle Schrift auf hellem Grund.",
  Dark: "Dunkel",
  "Light text on a dark ground.": "Helle Schrift auf dunklem Grund.",
  "Enter sends": "Eingabetaste sendet",
  "Otherwise Ctrl+Enter does, and Enter makes a new line.":
    "Sonst sendet Strg+Eingabe, und die Eingabetaste macht eine neue Zeile.",
  "Notifications name the room": "Mitteilungen nennen den Raum",
  "Whoever looks at the screen can read it there.": "Wer auf den Bildschirm sieht, kann es dort lesen.",
  "Others see when I am online": "Andere sehen, wenn ich online bin",
  "It holds for your account on every device. The server knows either way.":
    "Es gilt für dein Konto auf jedem Gerät. Der Server weiß es so oder so.",
  "Others see when I am writing": "Andere sehen, wenn ich schreibe",
  "The server passes it on and keeps nothing.": "Der Server gibt es weiter und behält nichts.",
  "My other devices know what I have read here": "Meine anderen Geräte wissen, was ich hier gelesen habe",
  "Nobody else does: the server keeps it sealed, and sees only that and when it changes.":
    "Sonst niemand: Der Server bewahrt es versiegelt auf und sieht nur, dass und wann es sich ändert.",
  Notifications: "Mitteilungen",
  "They say that something is new, never what.": "Sie sagen, dass es Neues gibt, nie was.",
  "Stay unlocked over a reload": "Beim Neuladen entsperrt bleiben",
  "Your key stays in this browser, sealed under one that no page can read out. Locking, signing out or ending this session removes it, and so do seven days away. Somebody who copies this browser’s files before that can open it: switch it off where others have access.":
    "Dein Schlüssel bleibt in diesem Browser, versiegelt unter einem, den keine Seite auslesen kann. Sperren, Abmelden oder das Ende dieser Sitzung entfernen ihn, ebenso sieben Tage Abwesenheit. Wer vorher die Dateien dieses Browsers kopiert, kann ihn öffnen: Schalte es ab, wo andere Zugang haben.",
  "Lock when nobody is here": "Sperren, wenn niemand da ist",
  Never: "Nie",
  "After 5 minutes": "Nach 5 Minuten",
  "After 15 minutes": "Nach 15 Minuten",
  "After an hour": "Nach einer Stunde",
  "Locking forgets the keys in every tab; the password opens them again.":
    "Beim Sperren werden die Schlüssel in allen Tabs vergessen; das Passwort öffnet sie wieder.",
  "Your key": "Dein Schlüssel",
  "Others see it under Members, where they can compare it with you.":
    "Andere sehen ihn unter Mitglieder und können ihn dort mit dir vergleichen.",
  "The organisation’s compliance key": "Der Compliance-Schlüssel der Organisation",
  "The audit log": "Das Prüfprotokoll",
  "The organisation has none yet, so nothing can be sent.":
    "Die Organisation hat noch keinen, darum kann nichts gesendet werden.",
  "The server offers another one. Sending is paused until an administrator explains why.":
    "Der Server bietet einen anderen an. Das Senden ruht, bis die Administration erklärt, warum.",
  "Every message is also encrypted to it.": "Jede Nachricht ist auch für ihn verschlüsselt.",
  "In force since {date}. The key before it has signed it.":
    "In Kraft seit {date}. Der Schlüssel davor hat ihn unterschrieben.",
  "From {date} on this one takes its place. The key of today has signed it.":
    "Ab {date} tritt dieser an seine Stelle. Der heutige Schlüssel hat ihn unterschrieben.",
  "Earlier ones. They open what was written in their time.":
    "Frühere. Sie öffnen, was in ihrer Zeit geschrieben wurde.",
  "Your invite link spelled it, so the server could not replace it.":
    "Dein Einladungslink hat ihn genannt, der Server konnte ihn also nicht austauschen.",
  "It was taken from the server when this device first signed in; compare it with your administrator.":
    "Er kam vom Server, als sich dieses Gerät zum ersten Mal anmeldete; vergleiche ihn mit der Administration.",
  "Not checked yet: that happens with your first message.":
    "Noch nicht geprüft: Das geschieht mit deiner ersten Nachricht.",
  "It contradicts itself: {why}. Tell your administrator.": "Es widerspricht sich: {why}. Melde es der Administration.",
  "Consistent over {size} entries: it has only grown since this device first looked.":
    "Stimmig über {size} Einträge: Es ist nur gewachsen, seit dieses Gerät zum ersten Mal nachsah.",
  "The server sees": "Der Server sieht",
  "The server cannot read": "Der Server kann nicht lesen",
  "Your user name, your key’s public half, and when and from where you sign in.":
    "Deinen Benutzernamen, die öffentliche Hälfte deines Schlüssels und wann und von wo du dich anmeldest.",
  "Which rooms there are, their names, who is in them and with which role.":
    "Welche Räume es gibt, wie sie heißen, wer darin ist und mit welcher Rolle.",
  "Who writes in which room and when, and about how long it is (in steps of 256 characters).":
    "Wer wann in welchem Raum schreibt und ungefähr wie viel (in Schritten von 256 Zeichen).",
  "Who is online, who is writing, which room’s history you load, and when you have read something in a room.":
    "Wer online ist, wer schreibt, welchen Verlauf du lädst und wann du in einem Raum etwas gelesen hast.",
  "What you write: messages, answers, edits, reactions and mentions.":
    "Was du schreibst: Nachrichten, Antworten, Änderungen, Reaktionen und Erwähnungen.",
  "Your password and your recovery key; your secret key is stored locked under them.":
    "Dein Passwort und deinen Wiederherstellungsschlüssel; dein geheimer Schlüssel ist damit verschlossen.",
  "A room’s key, and the secret of an invite link.":
    "Den Schlüssel eines Raums und das Geheimnis eines Einladungslinks.",
  "How far you have read: it goes to your other devices sealed, and you can switch that off.":
    "Bis wohin du gelesen hast: Das geht versiegelt an deine anderen Geräte, und du kannst es abschalten.",
  "Your drafts and what you search for: they stay on this device.":
    "Deine Entwürfe und wonach du suchst: Das bleibt auf diesem Gerät.",
  "Your organisation’s compliance officers hold a key of their own that opens messages. Each such reading is an event of the audit log. The code of this page comes from the server too: whoever controls it could change it.":
    "Die Compliance-Beauftragten deiner Organisation haben einen eigenen Schlüssel, der Nachrichten öffnet. Jedes solche Lesen steht im Prüfprotokoll. Auch der Programmcode dieser Seite kommt vom Server: Wer ihn beherrscht, könnte ihn ändern.",

  "Not believed: {names} have not vouched for it. Nothing is shown as logged until they do.":
    "Nicht geglaubt: {names} haben sich nicht dafür verbürgt. Bis dahin gilt nichts als protokolliert.",
  "{count} witnesses say the same.": {
    one: "Ein Zeuge sagt dasselbe.",
    other: "{count} Zeugen sagen dasselbe.",
  },
  Witnesses: "Zeugen",
  "It is cosigned by {names}.": "Er ist gegengezeichnet von {names}.",
  "Whoever runs one keeps the log from showing different people different pasts. Ask them for their key: this device then believes no checkpoint without their signature.":
    "Wer einen betreibt, hindert das Protokoll daran, verschiedenen Leuten verschiedene Vergangenheiten zu zeigen. Frag dort nach dem Schlüssel: Dieses Gerät glaubt dann keinem Prüfpunkt ohne die Unterschrift.",
  "Require a witness: its key": "Einen Zeugen verlangen: sein Schlüssel",
  Require: "Verlangen",
  "No longer require {name}": "{name} nicht mehr verlangen",
  "This is not a witness’s key. It has a name, eight digits or letters, and a code, joined by “+”.":
    "Das ist kein Schlüssel eines Zeugen. Er hat einen Namen, acht Ziffern oder Buchstaben und einen Code, verbunden durch „+“.",
  "Witnesses that this device requires have not cosigned the audit log.":
    "Zeugen, die dieses Gerät verlangt, haben das Prüfprotokoll nicht gegengezeichnet.",

  // The account's menu and the keyboard
  Connected: "Verbunden",
  "Not connected": "Nicht verbunden",
  "Your key’s fingerprint": "Fingerabdruck deines Schlüssels",
  Keyboard: "Tastatur",
  "Lock now": "Jetzt sperren",
  Everywhere: "Überall",
  "Go to the room above": "Zum Raum darüber",
  "Go to the room below": "Zum Raum darunter",
  "Show this list": "Diese Liste zeigen",
  "Close what is open": "Schließen, was offen ist",
  "Where you write": "Wo du schreibst",
  "Edit your newest message, while the field is empty": "Deine neueste Nachricht bearbeiten, solange das Feld leer ist",
  "Drop an answer or an edit": "Antwort oder Bearbeitung verwerfen",
  Ctrl: "Strg",
  Shift: "Umschalt",
  Enter: "Eingabe",
  Home: "Pos1",
  End: "Ende",
  "Skip to messages": "Zu den Nachrichten springen",
  "Skip to the page": "Zur Seite springen",
  "The members are loaded": "Die Mitglieder werden geladen",
  "Begin a new line, where Enter sends": "Neue Zeile beginnen, wenn die Eingabetaste sendet",
  "On a message": "Auf einer Nachricht",
  "Go to the message above": "Zur Nachricht darüber",
  "Go to the message below": "Zur Nachricht darunter",
  "Go to the first one that is loaded": "Zur ersten geladenen",
  "Go to the newest": "Zur neuesten",
  Answer: "Antworten",
  "Edit your own": "Eigene bearbeiten",
  Close: "Schließen",

  // Messages
  "Message actions": "Aktionen zur Nachricht",
  React: "Reagieren",
  Reply: "Antworten",
  "Reply (R)": "Antworten (R)",
  More: "Mehr",
  Edit: "Bearbeiten",
  "Copy text": "Text kopieren",
  "Copy link": "Link kopieren",
  Delete: "Löschen",
  "Unknown sender": "Unbekannt",
  "Not sent": "Nicht gesendet",
  "Edited {time}. The audit log keeps both.": "Geändert: {time}. Das Prüfprotokoll behält beides.",
  edited: "geändert",
  "Deleted. The audit log keeps it for compliance.": "Gelöscht. Das Prüfprotokoll behält sie für die Compliance.",
  "a message without text": "eine Nachricht ohne Text",
  "an earlier message": "eine frühere Nachricht",
  "In answer to": "Als Antwort auf",
  "Waiting to be sent": "Wartet auf das Senden",
  Sending: "Wird gesendet",
  "Accepted by the server": "Vom Server angenommen",
  "In the audit log, proof verified": "Im Prüfprotokoll, Beweis geprüft",
  "Edit not sent": "Änderung nicht gesendet",
  "Edit on its way…": "Änderung ist unterwegs …",
  "Deletion not sent": "Löschung nicht gesendet",
  "Deletion on its way…": "Löschung ist unterwegs …",
  "Reaction not sent": "Reaktion nicht gesendet",
  "Reaction on its way…": "Reaktion ist unterwegs …",
  "It is kept on this device.": "Sie bleibt auf diesem Gerät erhalten.",
  Discard: "Verwerfen",
  New: "Neu",
  "Other emoji": "Andere Emoji",
  "Thumbs up": "Daumen hoch",
  Heart: "Herz",
  Laughing: "Lachen",
  Celebration: "Feiern",
  Looking: "Hinsehen",
  Done: "Erledigt",
  "Thank you": "Danke",
  Reactions: "Reaktionen",
  "from {names}": "von {names}",
  "Nothing has been written here yet": "Hier wurde noch nichts geschrieben",
  "What you write first is the first thing that newcomers read.": "Was du zuerst schreibst, lesen Neue zuerst.",
  "First new message": "Erste neue Nachricht",
  "Go to the newest message, {count} new": "Zur neuesten Nachricht, {count} neu",
  "Go to the newest message": "Zur neuesten Nachricht",
  "{count} new": "{count} neu",
  "Older messages are loaded when you scroll up": "Ältere Nachrichten werden geladen, wenn du nach oben scrollst",
  "Messages here are end-to-end encrypted to this room’s members and to your organisation’s compliance key.":
    "Nachrichten hier sind Ende-zu-Ende-verschlüsselt: für die Mitglieder dieses Raums und den Compliance-Schlüssel deiner Organisation.",
  "Messages here are end-to-end encrypted.": "Nachrichten hier sind Ende-zu-Ende-verschlüsselt.",
  "Somebody mentioned you in {room}.": "Jemand hat dich in {room} erwähnt.",
  "New messages in {room}.": "Neue Nachrichten in {room}.",
  "Somebody mentioned you.": "Jemand hat dich erwähnt.",
  "You have new messages.": "Du hast neue Nachrichten.",

  // Why a message has no text
  "Tell an administrator: it should not happen by accident.":
    "Melde es der Administration: Aus Versehen sollte das nicht vorkommen.",
  "Written with a room key that you do not hold, for instance before you joined.":
    "Mit einem Schlüssel geschrieben, den du nicht hast, zum Beispiel bevor du dazukamst.",
  "A member can share the older history with you under Members; it opens by itself then.":
    "Ein Mitglied kann unter Mitglieder den älteren Verlauf mit dir teilen; dann öffnet sie sich von selbst.",
  "Waiting for the sender’s certificate.": "Wartet auf das Zertifikat der Person, die sie geschrieben hat.",
  "It opens by itself as soon as the server answers.": "Sie öffnet sich von selbst, sobald der Server antwortet.",
  "Written by a newer version of Sealcast.": "Mit einer neueren Version von Sealcast geschrieben.",
  "Reload this page to update.": "Lade diese Seite neu, um zu aktualisieren.",
  "Could not be decrypted: it is damaged or was changed.":
    "Konnte nicht entschlüsselt werden: Sie ist beschädigt oder wurde verändert.",
  "Ask the sender to send it again.": "Bitte darum, sie noch einmal zu senden.",
  "Refused: its encryption does not follow the agreed form.":
    "Abgelehnt: Ihre Verschlüsselung folgt nicht der vereinbarten Form.",
  "The sender’s program may be broken; ask them to update it.":
    "Das Programm am anderen Ende ist vielleicht fehlerhaft; bitte darum, es zu aktualisieren.",
  "Refused: it is encrypted to other keys than this room’s and compliance’s.":
    "Abgelehnt: Sie ist für andere Schlüssel verschlüsselt als für die dieses Raums und der Compliance.",
  "Refused: its signature is not the sender’s.": "Abgelehnt: Ihre Unterschrift gehört nicht zum Absender.",
  "Refused: it was written for another place or time than where it appears.":
    "Abgelehnt: Sie wurde für einen anderen Ort oder eine andere Zeit geschrieben.",
  "Refused: signer and author are not the same person.":
    "Abgelehnt: Wer unterschrieben und wer geschrieben hat, ist nicht dieselbe Person.",
  "Refused: it may read differently to different people.":
    "Abgelehnt: Sie könnte für verschiedene Personen verschieden lauten.",
  "Refused: the server has no valid certificate for its sender.":
    "Abgelehnt: Der Server hat kein gültiges Zertifikat für den Absender.",
  "The account may have been closed; the audit log still holds the message.":
    "Das Konto wurde vielleicht geschlossen; im Prüfprotokoll steht die Nachricht noch.",
  "Refused: the sender’s key is not the one this device has seen before.":
    "Abgelehnt: Der Schlüssel des Absenders ist nicht der, den dieses Gerät kennt.",
  "Ask them in person whether they have a new key before you trust it.":
    "Frag persönlich nach, ob es einen neuen Schlüssel gibt, bevor du ihm traust.",
  "Refused: it is not a message.": "Abgelehnt: Das ist keine Nachricht.",

  // What the server refuses
  "The server is busy. Try again in a moment.": "Der Server ist ausgelastet. Versuch es gleich noch einmal.",
  "The server does not accept this key.": "Der Server nimmt diesen Schlüssel nicht an.",
  "The organisation’s compliance key is another one than this device knows. Tell an administrator.":
    "Der Compliance-Schlüssel der Organisation ist ein anderer, als dieses Gerät kennt. Melde es der Administration.",
  "The server says that the message does not belong here. Try again.":
    "Der Server sagt, dass die Nachricht nicht hierher gehört. Versuch es noch einmal.",
  "The server does not accept the form of this message. Tell an administrator.":
    "Der Server nimmt die Form dieser Nachricht nicht an. Melde es der Administration.",
  "The server has another message under this one’s name. Write it again.":
    "Der Server hat unter demselben Namen eine andere Nachricht. Schreib sie noch einmal.",
  "The server does not accept the signature. Check this device’s clock, then try again.":
    "Der Server nimmt die Unterschrift nicht an. Prüf die Uhr dieses Geräts und versuch es noch einmal.",
  "It exists already.": "Das gibt es schon.",
  "The message is too long for this server.": "Die Nachricht ist für diesen Server zu lang.",
  "The room’s key changed just now. Try again.":
    "Der Schlüssel des Raums hat gerade gewechselt. Versuch es noch einmal.",
  "A code of your authenticator app is needed.": "Ein Code deiner Authenticator-App wird gebraucht.",
  Code: "Code",
  "Codes at sign-in": "Codes bei der Anmeldung",
  Confirm: "Bestätigen",
  "Confirm the app": "App bestätigen",
  "Do without codes": "Auf Codes verzichten",
  "I lost the app: use the recovery key": "App verloren: Wiederherstellungsschlüssel benutzen",
  "Key for an authenticator app": "Schlüssel für eine Authenticator-App",
  "Scan it with the app, or type this key:": "Scanne ihn mit der App, oder tippe diesen Schlüssel ein:",
  "Set up codes": "Codes einrichten",
  "Signing in needs a code.": "Die Anmeldung braucht einen Code.",
  "The code is wrong, too old, or was used. Wait for the next one.":
    "Der Code ist falsch, zu alt oder schon benutzt. Warte auf den nächsten.",
  "The password alone signs in.": "Das Passwort allein genügt zur Anmeldung.",
  "The six digits that your authenticator app shows now.":
    "Die sechs Ziffern, die deine Authenticator-App gerade zeigt.",
  "Then scan a code with an authenticator app.": "Danach scannst du einen Code mit einer Authenticator-App.",
  "There are codes already. Do without them first.": "Einmalcodes sind schon eingerichtet. Schalte sie zuerst ab.",
  "Whoever learns your password still needs your authenticator app.":
    "Wer dein Passwort erfährt, braucht trotzdem deine Authenticator-App.",
  "Your role counts only in a session that was opened with a code.":
    "Deine Rolle zählt nur in einer Sitzung, die mit einem Code geöffnet wurde.",
  "Your role does not allow this.": "Deine Rolle erlaubt das nicht.",
  "The server does not accept this grant: somebody came or went at the same time. Try again.":
    "Der Server nimmt die Freigabe nicht an: Zur selben Zeit kam oder ging jemand. Versuch es noch einmal.",
  "Something went wrong on the server. Try again, and tell an administrator if it stays so.":
    "Auf dem Server ging etwas schief. Versuch es noch einmal und melde es der Administration, wenn es so bleibt.",
  "An administrator has locked this account.": "Die Administration hat dieses Konto gesperrt.",
  "The user name or the password is wrong.": "Der Benutzername oder das Passwort ist falsch.",
  "The invite is unknown, expired, used up or revoked. Ask for a new one.":
    "Die Einladung ist unbekannt, abgelaufen, verbraucht oder zurückgezogen. Bitte um eine neue.",
  "The room takes newcomers by invite link only.": "In diesen Raum kommt man nur mit Einladungslink.",
  "Registration needs an invite link.": "Für ein neues Konto braucht es einen Einladungslink.",
  "Nobody leaves the lobby.": "Die Lobby verlässt niemand.",
  "There is nothing here, or it is not for you to see.": "Hier gibt es nichts, oder es ist nicht für dich bestimmt.",
  "The organisation is not set up yet.": "Die Organisation ist noch nicht eingerichtet.",
  "The server did not say in time whether it was done. Look before you try again.":
    "Der Server hat nicht rechtzeitig gesagt, ob es geschehen ist. Sieh nach, bevor du es wiederholst.",
  "Too many messages at once. Wait a moment.": "Zu viele Nachrichten auf einmal. Warte einen Augenblick.",
  "Your session ended. Sign in again.": "Deine Sitzung ist zu Ende. Melde dich wieder an.",
  "Too many attempts. Wait a little before the next one.": "Zu viele Versuche. Warte etwas bis zum nächsten.",
  "Too many requests at once. Wait a moment.": "Zu viele Anfragen auf einmal. Warte einen Augenblick.",
  "The server cannot be reached. Check your connection.": "Der Server ist nicht erreichbar. Prüfe deine Verbindung.",
  "This user name is not allowed: it has 3 to 32 letters or digits of one script, with dots, dashes or underscores between.":
    "Dieser Benutzername geht nicht: Er hat 3 bis 32 Buchstaben oder Ziffern einer Schrift, dazwischen Punkte, Binde- oder Unterstriche.",
  "The user name is taken.": "Der Benutzername ist vergeben.",

  // What the core says
  "Not sent: somebody here whose key you had compared has another key now.":
    "Nicht gesendet: Jemand hier, dessen Schlüssel du verglichen hattest, hat jetzt einen anderen.",
  "It opens another key than yours.": "Er öffnet einen anderen Schlüssel als deinen.",
  "it recorded a message differently from how it was sent":
    "es verzeichnet eine Nachricht anders, als sie gesendet wurde",
  "its proof for an accepted message does not hold": "sein Beweis für eine angenommene Nachricht hält nicht",
  "its checkpoint is not signed by the key that this device knows":
    "sein Prüfpunkt ist nicht mit dem Schlüssel unterschrieben, den dieses Gerät kennt",
  "it is not an extension of the log seen before": "es setzt das zuvor gesehene Protokoll nicht fort",
  "it was rolled back: entries that this device has seen are gone":
    "es wurde zurückgesetzt, Einträge, die dieses Gerät gesehen hat, sind fort",
  "it was rolled back or split: {who} was shown more of it than this device is":
    "es wurde zurückgesetzt oder geteilt, {who} hat mehr davon zu sehen bekommen als dieses Gerät",
  "it has two faces: {who} was shown another one than this device":
    "es hat zwei Gesichter, {who} hat ein anderes zu sehen bekommen als dieses Gerät",
  "The organisation's compliance key changed. Sending is paused.":
    "Der Compliance-Schlüssel der Organisation hat gewechselt. Das Senden ruht.",
  "The organisation has no compliance key yet, so nothing can be sent.":
    "Die Organisation hat noch keinen Compliance-Schlüssel, darum kann nichts gesendet werden.",
  "The server offers another compliance key than the one the invite link was made for. Do not go on: ask whoever sent you the link.":
    "Der Server bietet einen anderen Compliance-Schlüssel an als den, für den der Einladungslink gemacht ist. Mach nicht weiter: Frag, wer dir den Link geschickt hat.",
  "The server cannot be reached.": "Der Server ist nicht erreichbar.",
  "The key has changed since it was shown. Compare it again.":
    "Der Schlüssel hat sich geändert, seit er gezeigt wurde. Vergleiche ihn noch einmal.",
  "This share is damaged: its checksum is wrong. A word is mistyped or out of place.":
    "Dieser Anteil ist beschädigt: Seine Prüfsumme stimmt nicht. Ein Wort ist vertippt oder steht am falschen Platz.",
  "This is not a share of a key.": "Das ist kein Anteil eines Schlüssels.",
  "These shares do not open this key: they belong to another one. Begin again with its own.":
    "Diese Anteile öffnen diesen Schlüssel nicht: Sie gehören zu einem anderen. Beginne neu mit seinen eigenen.",
  "No key waits for shares.": "Kein Schlüssel wartet auf Anteile.",
  "This is not a compliance key: the file is too large.": "Das ist kein Compliance-Schlüssel: Die Datei ist zu groß.",
  "This is not a share: the file is too large.": "Das ist kein Anteil: Die Datei ist zu groß.",
  "This share belongs to another key: {fingerprint}.":
    "Dieser Anteil gehört zu einem anderen Schlüssel: {fingerprint}.",
  "This share is of the split {set}, those that are loaded are of {first}: it belongs to another key.":
    "Dieser Anteil ist aus der Teilung {set}, die geladenen sind aus {first}: Er gehört zu einem anderen Schlüssel.",
  "Share {number} is loaded already: it takes {threshold} different ones.":
    "Anteil {number} ist schon geladen: Es braucht {threshold} verschiedene.",
  "A share has {all} words, and this has {count}.": "Ein Anteil hat {all} Wörter, und das hier hat {count}.",
  "Word {number} of the share is not in the list of words: it is mistyped.":
    "Wort {number} des Anteils steht nicht in der Wörterliste: Es ist vertippt.",
  "no key is loaded": "kein Schlüssel ist geladen",
  "the sender’s certificate is another one": "das Zertifikat des Absenders ist ein anderes",
  "the signature does not verify": "die Unterschrift stimmt nicht",
  "the signature is of another message": "die Unterschrift gehört zu einer anderen Nachricht",
  "compliance was given another session key than the room":
    "die Compliance bekam einen anderen Sitzungsschlüssel als der Raum",
  "its content names another sender or context than the signature":
    "ihr Inhalt nennt einen anderen Absender oder Zusammenhang als die Unterschrift",
  "the envelope does not follow the profile": "der Umschlag hält sich nicht an das Profil",
  "it is not encrypted to this compliance key": "sie ist nicht für diesen Compliance-Schlüssel verschlüsselt",
  "it does not decrypt with this key": "sie lässt sich mit diesem Schlüssel nicht entschlüsseln",
  "This is a valid recovery key, but not the one shown to you.":
    "Das ist ein gültiger Wiederherstellungsschlüssel, aber nicht der, den du gesehen hast.",
  "Confirm the recovery key first.": "Bestätige zuerst den Wiederherstellungsschlüssel.",
  "Sign in first.": "Melde dich zuerst an.",
  "This invite link was made for another organisation than the one at this address.":
    "Dieser Einladungslink gehört zu einer anderen Organisation als der an dieser Adresse.",
  "This session was ended elsewhere. Sign in again.": "Diese Sitzung wurde anderswo beendet. Melde dich wieder an.",
  "The server answered with the key of another account.":
    "Der Server hat mit dem Schlüssel eines anderen Kontos geantwortet.",
  "Too many messages wait to be sent.": "Zu viele Nachrichten warten auf das Senden.",
  "It could not be encrypted.": "Sie konnte nicht verschlüsselt werden.",
  "That is not an emoji.": "Das ist kein Emoji.",
  "There is nothing to send.": "Es gibt nichts zu senden.",
  "A message can have 10,000 characters.": "Eine Nachricht kann 10.000 Zeichen haben.",
  "You do not hold this room's key yet, so you cannot write here.":
    "Du hast den Schlüssel dieses Raums noch nicht, darum kannst du hier nicht schreiben.",
  "The server offers an older key of this room than this device has seen.":
    "Der Server bietet einen älteren Schlüssel dieses Raums an, als dieses Gerät schon gesehen hat.",
  "The server has no valid certificate for this person.": "Der Server hat kein gültiges Zertifikat für diese Person.",
  "This person's key is not the one that this device has seen before.":
    "Der Schlüssel dieser Person ist nicht der, den dieses Gerät kennt.",
  "Something went wrong.": "Etwas ging schief.",
  "The server gave an answer that this page does not understand.":
    "Der Server gab eine Antwort, die diese Seite nicht versteht.",
  "This is not a complete invite link. Ask for it again and copy all of it.":
    "Das ist kein vollständiger Einladungslink. Bitte noch einmal darum und kopiere ihn ganz.",
  "The invite has an unexpected form.": "Die Einladung hat eine unerwartete Form.",
  "The link does not open this room's key. It may have been changed on the way.":
    "Der Link öffnet den Schlüssel dieses Raums nicht. Vielleicht wurde er unterwegs verändert.",
  "A recovery key has 32 characters.": "Ein Wiederherstellungsschlüssel hat 32 Zeichen.",
  "A character in it does not occur in recovery keys.":
    "Ein Zeichen darin kommt in Wiederherstellungsschlüsseln nicht vor.",
  "There is a mistake in the recovery key: its checksum does not match.":
    "Im Wiederherstellungsschlüssel ist ein Fehler: Seine Prüfsumme stimmt nicht.",

  // Direct messages and files
  "Direct messages": "Direktnachrichten",
  "Write to somebody": "Jemandem schreiben",
  "Only you two": "Nur ihr beide",
  "Only you and {name} know that it exists.": "Nur du und {name} wissen, dass es ihn gibt.",
  "Change it if a device got into wrong hands.": "Wechsle ihn, wenn ein Gerät in falsche Hände geraten ist.",
  "Write to {name}": "{name} schreiben",
  "Your first message makes a private room of you two. {name} reads it as soon as they are here; like every message it is kept for compliance.":
    "Deine erste Nachricht macht einen privaten Raum für euch beide. {name} liest sie, sobald sie oder er da ist; wie jede Nachricht wird sie für Compliance aufbewahrt.",
  "There is no such person": "Diese Person gibt es nicht",
  "It could not be loaded.": "Das konnte nicht geladen werden.",
  "Write a direct message": "Direktnachricht schreiben",
  "Add files": "Dateien hinzufügen",
  Files: "Dateien",
  "Files to send": "Dateien zum Senden",
  "Send to {room}": "An {room} senden",
  "Stop the upload of {name}": "Hochladen von {name} abbrechen",
  "Take {name} away": "{name} wegnehmen",
  "A file can have 25 MB.": "Eine Datei kann 25 MB haben.",
  "A message can have 10 files.": "Eine Nachricht kann 10 Dateien haben.",
  "A file is still on its way up.": "Eine Datei wird noch hochgeladen.",
  "A file could not be uploaded: take it away, then send.":
    "Eine Datei konnte nicht hochgeladen werden: Nimm sie weg, dann sende.",
  "It could not be uploaded.": "Sie konnte nicht hochgeladen werden.",
  "It could not be fetched.": "Sie konnte nicht geholt werden.",
  "Show {name}": "{name} zeigen",
  "Show the picture ({size})": "Das Bild zeigen ({size})",
  Save: "Speichern",
  "Save {name}": "{name} speichern",
  "Stop fetching {name}": "Holen von {name} abbrechen",
  "It is too large for this server.": "Das ist zu groß für diesen Server.",
  "A limit of this server is reached. Try again tomorrow, or ask an administrator.":
    "Eine Grenze dieses Servers ist erreicht. Versuch es morgen wieder oder frag die Administration.",
  "A direct conversation stays between its two people.": "Ein Direktgespräch bleibt zwischen den beiden.",
  "The tab that led the others was closed. Try again.":
    "Der Tab, der die anderen führte, ist geschlossen. Versuch es noch einmal.",
  "It was stopped.": "Es wurde abgebrochen.",
  "A file is not uploaded yet.": "Eine Datei ist noch nicht hochgeladen.",
  "The message that holds this file is not loaded.": "Die Nachricht zu dieser Datei ist nicht geladen.",
  "This is not the file that was sent: it was changed on the server or on the way.":
    "Das ist nicht die Datei, die gesendet wurde: Sie wurde auf dem Server oder unterwegs verändert.",
  "The server offers another conversation than the one asked for.":
    "Der Server bietet ein anderes Gespräch an als das gewünschte.",
  "The audit log has no proof for this message that holds.":
    "Das Prüfprotokoll hat für diese Nachricht keinen Beweis, der hält.",

  // The proof behind the second tick
  "Show the proof": "Den Beweis zeigen",
  Proof: "Beweis",
  "The proof of this message": "Der Beweis dieser Nachricht",
  "Checking the proof": "Der Beweis wird geprüft",
  "This browser has checked that the audit log holds this message as it was sent. The server was not believed.":
    "Dieser Browser hat geprüft, dass das Prüfprotokoll diese Nachricht so enthält, wie sie gesendet wurde. Dem Server wurde dabei nichts geglaubt.",
  "The proof could not be checked.": "Der Beweis konnte nicht geprüft werden.",
  "The message is not in the log yet. Try again in a moment.":
    "Die Nachricht ist noch nicht im Protokoll. Versuch es gleich noch einmal.",
  "Place in the log": "Stelle im Protokoll",
  "Entry {index}, counted from 0.": "Eintrag {index}, gezählt ab 0.",
  Checkpoint: "Prüfpunkt",
  "It covers {size} entries, is signed by the log, and extends every one that this device has seen before.":
    "Er umfasst {size} Einträge, ist vom Protokoll unterschrieben und setzt jeden fort, den dieses Gerät zuvor gesehen hat.",
  "Its root": "Seine Wurzel",
  "The way there": "Der Weg dorthin",
  "{count} hashes lead from the message to the root.": {
    one: "Ein Hash führt von der Nachricht zur Wurzel.",
    other: "{count} Hashes führen von der Nachricht zur Wurzel.",
  },
  "Checked here": "Hier geprüft",
  "The message’s identity": "Kennung der Nachricht",
};
