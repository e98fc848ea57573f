import { spawnSync } from "node:child_process";

/** Puts the frames of `shots/demo.spec.ts` side by side into one moving picture; needs ffmpeg. */
const RATE = "7";
const [frames = "out/frames", target = "../docs/images/demo.gif"] = process.argv.slice(2);

const side = (name) => ["-framerate", RATE, "-i", `${frames}/${name}-%04d.png`];
// One palette for the whole picture, and no dithering: flat colours stay flat, and small.
const filter =
  "[0][1]hstack=inputs=2,pad=iw:ih:0:0,scale=1000:-1:flags=lanczos,split[a][b];" +
  "[a]palettegen=max_colors=96:stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle";
const { status, error } = spawnSync(
  "ffmpeg",
  ["-y", "-loglevel", "error", ...side("left"), ...side("right"), "-filter_complex", filter, "-loop", "0", target],
  { stdio: "inherit" },
);
if (error || status !== 0) {
  console.error(error?.code === "ENOENT" ? "demo-gif: ffmpeg is not installed" : "demo-gif: ffmpeg failed");
  process.exit(1);
}
