import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { octetsOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { type One, Shown, fileQuery, save } from "./picture";

/** A picture as large as the window allows. */
export function PictureDialog({ onClose, ...one }: One & { onClose: () => void }) {
  const { data } = useQuery(fileQuery(one));
  const { file } = one;
  return (
    <Dialog open onClose={onClose} title={file.name} wide>
      {data && (
        <>
          <Shown data={data} file={file} className="mx-auto max-h-[70dvh] max-w-full rounded-lg" />
          <div className="mt-4 flex items-center justify-between gap-3 text-sm text-muted">
            <span>{octetsOf(file.size)}</span>
            <Button size="sm" onClick={() => save(data, file.name)}>
              <Download className="size-4" aria-hidden="true" /> {t("Save")}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
