const PLACE = /\{(\w+)\}/g;

/** A reason whose reader may have another language than English: the text with places, and what stands in them. */
export class Told extends Error {
  readonly template: string;
  readonly values: Record<string, string | number>;

  constructor(template: string, values: Record<string, string | number> = {}, options?: ErrorOptions) {
    super(
      template.replaceAll(PLACE, (place, name: string) => String(values[name] ?? place)),
      options,
    );
    this.template = template;
    this.values = values;
  }
}
