/** Finds the line (from 1) of a byte offset of a text's UTF-8, as Postgres's parser gives places. */
export function lineFinder(text: string): (location: number | undefined) => number {
  const ends: number[] = [];
  new TextEncoder().encode(text).forEach((byte, place) => {
    if (byte === 10) ends.push(place);
  });
  return (location = 0) => {
    const after = ends.findIndex((end) => end >= location);
    return (after < 0 ? ends.length : after) + 1;
  };
}
