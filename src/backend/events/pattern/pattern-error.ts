/** A text that is no event pattern. `message` is the reason as AWS words it, with the place in the text where AWS names one. */
export class PatternError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PatternError";
  }
}
