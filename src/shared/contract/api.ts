// The engine contract: requests and push events.
// A page sees EngineApi: ids cross the wire, never paths. A host on this machine may also use HostApi.
import type { GridName } from '../grid/layout.ts'
import type { CopiedFile, CopyPurpose, CopyState } from './copied-files.ts'
import type { FileContents, ModelChoice, ModelSet, ModelRole, OpenedModels } from '../models/models.ts'
import type { ReconstructRequest, RunSpec, RunState, SampleRequest } from '../run/run.ts'
import type { DeviceSurvey, SelfTest } from '../models/self-test.ts'
import type { AtlasApi, AtlasEvents } from '../atlas/atlases.ts'
import type { CodebooksApi, CodebooksEvents } from '../atlas/codebook-comparisons.ts'
import type { EvaluationApi, EvaluationEvents } from '../evaluation/measurements.ts'
import type { ExportApi, ExportEvents, ExportHostApi } from '../run/exports.ts'
import type { FigureApi } from '../figures/figures.ts'
import type { LogApi } from '../evaluation/training-logs.ts'
import type { ProbeApi, ProbeEvents } from '../evaluation/linear-probes.ts'
import type { SweepApi, SweepEvents } from '../sweep/sweeps.ts'
import type { WorkspaceRun } from '../run/listed-run.ts'
import type { TrashApi } from '../run/trash.ts'
import type { RegionsApi } from '../atlas/regions.ts'

/** What a page may ask. Every call answers within about a second; longer work is a run. */
export interface EngineApi
  extends
    AtlasApi,
    EvaluationApi,
    FigureApi,
    ExportApi,
    SweepApi,
    TrashApi,
    RegionsApi,
    LogApi,
    ProbeApi,
    CodebooksApi {
  /** Everything a page needs to draw itself, after loading and after a lost connection. */
  snapshot(): Promise<Snapshot>
  /** Starts a sampling run in the workspace and returns its id; events tell the rest. */
  startSample(request: SampleRequest): Promise<string>
  /** Makes pictures again from their tokens: `pictures` are whole image files; `names` are their captions. */
  startReconstruct(
    request: ReconstructRequest,
    names: readonly string[],
    pictures: readonly Uint8Array[],
  ): Promise<string>
  /** Stops a run at its next chunk; what is finished is kept. */
  cancelRun(id: string): Promise<void>
  /** Queues a run that was cancelled or failed again; finished images are not made twice. */
  resumeRun(id: string): Promise<void>
  /** Makes a draft a run like any other. */
  keepRun(id: string): Promise<void>
  /** Removes a run from the library. Its folder moves to the workspace's trash, from where `restoreRun` restores it. */
  removeRun(id: string): Promise<void>
  restoreRun(id: string): Promise<void>
  setFavourite(run: string, image: number, favourite: boolean): Promise<void>
  /** The finished images of a run, in order. */
  listImages(run: string): Promise<readonly ImageEntry[]>
  /** A finished image, as the PNG on disk. */
  readImage(run: string, image: number): Promise<Uint8Array>
  /** Both token grids of a finished image, what was recorded of each draw, and the recipe. */
  readRecord(run: string, image: number): Promise<ImageDetails>
  /** The picture that a reconstruction was made from, as PNG at the models' size. */
  readSource(run: string, image: number): Promise<Uint8Array>
  /** What an image file says of itself, where this program made it, here or elsewhere. */
  readPicture(name: string, picture: Uint8Array): Promise<ImageDetails>
  /** Tokens of these images of a run, for looking for one token in a whole set. */
  readTokens(run: string, images: readonly number[]): Promise<readonly ImageTokens[]>
  /** The logits that one cell was drawn from, computed again from everything the model saw then. */
  readLogits(run: string, image: number, stage: GridName, cell: number): Promise<CellLogits>
  /** Opens the models again, if `snapshot().held` says why that did not happen automatically. */
  reopenModels(): Promise<void>
  /** What is inside a file of the model set, by the file's id. */
  readContents(file: string): Promise<FileContents>
  /** Takes this file for a role from now on; null leaves that to the engine again. Kept in the workspace. */
  chooseModel(role: ModelRole, file: string | null): Promise<void>
  /** Opens or closes what `OpenedModels.sources` lists. */
  useSource(source: string, open: boolean): Promise<void>
  /** Deletes models that were copied into the workspace. */
  removeSource(source: string): Promise<void>
  /** Opens again what was open before the last change. */
  undoOpening(): Promise<void>
  /** Starts to copy files into the workspace, or resumes a copy of the same files. */
  startCopy(files: readonly CopiedFile[], purpose: CopyPurpose): Promise<CopyState>
  /** Adds the next piece of a file; it starts where the last one ended. */
  copyPiece(copy: string, file: number, offset: number, piece: Uint8Array): Promise<void>
  /** All pieces are there: keeps the files in the workspace, and opens models or lists images to be measured. */
  finishCopy(copy: string): Promise<void>
  abandonCopy(copy: string): Promise<void>
  /** Tries every device of this machine with a small computation, once; may take seconds. */
  surveyDevices(): Promise<DeviceSurvey>
  /** Queues a test of the models on every device; `selfTestChanged` tells how far it is. */
  startSelfTest(): Promise<void>
  cancelSelfTest(): Promise<void>
}

/** Push events; a page that missed some requests the snapshot again. */
export interface EngineEvents
  extends AtlasEvents, CodebooksEvents, EvaluationEvents, ExportEvents, SweepEvents, ProbeEvents {
  runChanged(run: WorkspaceRun): void
  /** Progress of the grids of the current batch. Sent at most about ten times a second. */
  preview(preview: Preview): void
  imageFinished(run: string, image: ImageEntry): void
  modelSetChanged(modelSet: ModelSet): void
  /** What is open, and what could be; told with every new model set. */
  modelsOpened(opened: OpenedModels): void
  selfTestChanged(test: SelfTest): void
  /** A run was removed from the library. */
  runRemoved(run: string): void
  /** Every favourite there is now. */
  favouritesChanged(favourites: readonly ImageName[]): void
  /** The engine died and was started again: told to every page that connects to the new one within half a minute. */
  engineStopped(problem: EngineProblem): void
  /** What was unfinished when the application quit was queued again: told like `engineStopped`. */
  workResumed(work: ResumedWork): void
}

/** What a host on this machine may listen to besides. */
export interface HostEvents extends EngineEvents {
  /** A run that `startRun` started, wherever on disk it is. */
  stateChanged(run: RunState): void
}

/** What a host on this machine may ask besides: paths come from a dialog or the command line. */
export interface HostApi extends EngineApi, ExportHostApi {
  /** Looks at files and folders and matches what fits together. */
  importModels(paths: readonly string[], choose?: ModelChoice): Promise<ModelSet>
  /** Makes what these paths hold the workbench's models. */
  openModels(paths: readonly string[]): Promise<ModelSet>
  /** Opens these paths beside what is open. The demo gives way. */
  addModels(paths: readonly string[]): Promise<ModelSet>
  /** Adds folders of images, ADM batches or statistics to what can be measured. */
  addImages(paths: readonly string[]): Promise<void>
  /** What is inside one checkpoint, as inert data. */
  readFile(path: string): Promise<FileContents>
  /** Starts or resumes a run anywhere on disk and returns its id. */
  startRun(spec: RunSpec): Promise<string>
  /** The runs that `startRun` started in this process. */
  listRuns(): Promise<readonly RunState[]>
  /** How many jobs are queued or running that `leaveWork` could leave to a later session. */
  openWork(): Promise<number>
  /** Cancels these jobs and notes them in the workspace; resolves when they have ended. */
  leaveWork(): Promise<void>
  /** Queues the noted jobs again, in their order, and removes the note; the models have to be open. */
  resumeWork(): Promise<void>
}

export interface Snapshot {
  readonly app: { readonly name: string; readonly version: string }
  /** The models in use, files named from the folder down that was opened; undefined while they are being opened. */
  readonly modelSet: ModelSet | undefined
  /** Why there is no model set: the models are held back after crashes, or could not be opened. */
  readonly held?: string
  readonly opened: OpenedModels
  readonly selfTest: SelfTest
  /** Runs in the workspace, newest first: those of this session and those found on disk. */
  readonly runs: readonly WorkspaceRun[]
  readonly favourites: readonly ImageName[]
}

/** One image of the workspace. */
export interface ImageName {
  readonly run: string
  readonly image: number
}

export interface ImageTokens {
  readonly image: number
  /** 256 entries in raster order, as in GridDetails; absent where the image has no such grid. */
  readonly discriminative?: Int32Array
  readonly codes: Int32Array
}

export interface CellLogits {
  /** Over the dictionary with its specials: [specials + tokens]. */
  readonly logits: Float32Array
  /** How many of them are specials, which come first. */
  readonly specials: number
  /** False where the specials are forbidden before the softmax (masked decoding), true where behind it. */
  readonly specialsInSoftmax: boolean
}

export interface EngineProblem {
  /** One sentence for a person. */
  readonly message: string
  /** False after repeated crashes with the same models, which then are not opened automatically. */
  readonly opensModels: boolean
}

export interface ImageEntry {
  readonly image: number
  readonly class?: number
}

/** Jobs of the last session that were queued again. */
export interface ResumedWork {
  readonly resumed: number
  /** Why others were not: a sentence each. */
  readonly problems: readonly string[]
}

/** Arrays have one entry a token, 256 in raster order. */
export interface GridDetails {
  readonly tokens: Int32Array
  readonly logProbabilities?: Float32Array
  readonly ranks?: Int32Array
  readonly entropies?: Float32Array
  readonly steps?: Int32Array
  /** 1 where the token was pinned and not drawn; what is recorded of the draw is then what the model thought of it. */
  readonly pinned?: Uint8Array
}

export interface ImageDetails extends ImageEntry {
  readonly discriminative?: GridDetails
  readonly codes: GridDetails
  /** Of a reconstruction that was encoded again: the tokens of the result. */
  readonly drifted?: Int32Array
  /** Everything that decides the pixels, as recorded in the PNG. */
  readonly recipe: unknown
}

export interface Preview {
  readonly run: string
  readonly stage: GridName
  /** Tokens each grid has so far (autoregressive), or 256 while masked decoding settles them. */
  readonly done: number
  readonly images: readonly {
    readonly image: number
    /** 256 entries; -1 where there is no token yet. */
    readonly tokens: Int16Array
  }[]
}
