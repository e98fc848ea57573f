/** Made by `build/emoji-data.ts`. */
declare module "virtual:emoji/*" {
  const data: {
    groups: [order: number, name: string][];
    /** Other names with tabs between. */
    emojis: [emoji: string, name: string, group: number, others: string][];
  };
  export default data;
}
