export default function afterPack(context: {
  readonly electronPlatformName: string
  readonly appOutDir: string
  readonly arch: number
}): Promise<void>
