// Folder names of classes -> names to read.

/**
 * Folders are often numbered so that they sort as the classes do: `0-adventurer`, `01_big-ears`. If every folder starts
 * with its own number, the numbers are left out.
 */
export function classWords(folders: readonly string[]): readonly string[] {
  const parts = folders.map((name) => /^(\d+)[-_ ]+(.+)$/.exec(name))
  if (!parts.every((part, i) => part && Number(part[1]) === i)) return folders
  return parts.map((part) => part![2]!.replaceAll(/[-_]/g, ' '))
}
