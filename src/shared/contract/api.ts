// The engine contract: requests and push events.
// A page sees EngineApi: ids cross the wire, never paths. A host on this machine may also use HostApi.
import type { GeneratorSettings } from '../generators/settings.ts'
import type { TokenRule } from '../generators/token-rule.ts'
import type { GridName } from '../grid/layout.ts'
import type { CopiedFile, CopyPurpose, CopyState } from './copied-files.ts'
import type { FileContents, ModelChoice, ModelSet, ModelRole, OpenedModels } from '../models/models.ts'
import type { ReconstructRequest, RunSpec, RunState, SampleRequest } from '../run/run.ts'
import type { DeviceSurvey, SelfTest } from '../models/self-test.ts'
import type { AtlasApi, AtlasEvents } from '../atlas/atlases.ts'
import type { CodebooksApi, CodebooksEvents } from '../atlas/codebook-comparisons.ts'
import type { EvaluationApi, EvaluationEvents, SetSource } from '../evaluation/measurements.ts'
import type { ExportApi, ExportEvents, ExportHostApi } from '../run/exports.ts'
import type { FigureApi } from '../figures/figures.ts'
import type { LogApi } from '../evaluation/training-logs.ts'
import type { KMeansApi, KMeansEvents } from '../atlas/trained-codebooks.ts'
import type { LikelihoodApi, LikelihoodEvents } from '../evaluation/likelihoods.ts'
import type { ProbeApi, ProbeEvents } from '../evaluation/linear-probes.ts'
import type { SweepApi, SweepEvents } from '../sweep/sweeps.ts'
import type { VerdictApi, VerdictEvents } from '../verdict/verdict.ts'
import type { WorkspaceRun } from '../run/listed-run.ts'
import type { TokenColoursApi } from '../atlas/token-colours.ts'
import type { Where } from '../slurm/submission.ts'
import type { SlurmApi } from '../slurm/slurm.ts'
import type { TrashApi } from '../run/trash.ts'
import type { RegionsApi } from '../atlas/regions.ts'
import type { AttentionApi } from '../run/attention.ts'

/** Calls of a page. Every call is answered within about a second; longer work is a run. */
export interface EngineApi
  extends
    AtlasApi,
    EvaluationApi,
    FigureApi,
    ExportApi,
    SweepApi,
    VerdictApi,
    TrashApi,
    RegionsApi,
    AttentionApi,
    TokenColoursApi,
    LogApi,
    ProbeApi,
    KMeansApi,
    LikelihoodApi,
    SlurmApi,
    CodebooksApi {
  /** Everything a page needs to draw itself, after loading and after a lost connection. */
  snapshot(): Promise<Snapshot>
  /** Answers once the engine is between two steps: one that was suspended never does. */
  ping(): Promise<void>
  /**
   * Starts a sampling run in the workspace and returns its id; events report the rest.
   * @param where in SLURM, or here
   */
  startSample(request: SampleRequest, where?: Where): Promise<string>
  /** Makes pictures again from their tokens: `pictures` are whole image files; `names` are their captions. */
  startReconstruct(
    request: ReconstructRequest,
    names: readonly string[],
    pictures: readonly Uint8Array[],
  ): Promise<string>
  /** Makes all images of a folder again, for the tokenizer's table. */
  startReconstructSet(request: ReconstructRequest, source: SetSource): Promise<string>
  /** Stops a run at its next chunk; finished work is kept. */
  cancelRun(id: string): Promise<void>
  /** Queues a run that was cancelled or failed again; finished images are not made twice. */
  resumeRun(id: string): Promise<void>
  /** Turns a draft into a regular run. */
  keepRun(id: string): Promise<void>
  /** Gives a run a name; an empty one removes it. */
  renameRun(id: string, name: string): Promise<void>
  /** Removes a run from the library. Its folder moves to the workspace's trash, from where `restoreRun` restores it. */
  removeRun(id: string): Promise<void>
  restoreRun(id: string): Promise<void>
  setFavourite(run: string, image: number, favourite: boolean): Promise<void>
  /** The finished images of a run, in order. */
  listImages(run: string): Promise<readonly ImageEntry[]>
  /** A finished image, as the PNG on disk. */
  readImage(run: string, image: number): Promise<Uint8Array>
  /** Both token grids of a finished image, the record of each draw, and the recipe. */
  readRecord(run: string, image: number): Promise<ImageDetails>
  /** The source picture of a reconstruction, as PNG at the models' size. */
  readSource(run: string, image: number): Promise<Uint8Array>
  /** The record in an image file made by this program, here or elsewhere. */
  readPicture(name: string, picture: Uint8Array): Promise<ImageDetails>
  /** Tokens of these images of a run, for searching a whole set for one token. */
  readTokens(run: string, images: readonly number[]): Promise<readonly ImageTokens[]>
  /**
   * The logits from which one cell was sampled, recomputed from the same model input.
   * @param layer a grid, or of VAR a scale by its name
   * @param settings of a generator of another family, to weigh the tokens with instead of the recorded ones
   */
  readLogits(
    run: string,
    image: number,
    layer: string,
    cell: number,
    settings?: GeneratorSettings,
  ): Promise<CellLogits>
  /** The picture after the first `scales` grids of an image that was drawn from coarse to fine (VAR), as PNG. */
  readScalePicture(run: string, image: number, scales: number): Promise<Uint8Array>
  /** Opens the models, if they were held back for the reason in `snapshot().held`. */
  reopenModels(): Promise<void>
  /** The contents of a file of the model set, by the file's id. */
  readContents(file: string): Promise<FileContents>
  /** Uses this file for a role from now on; null restores the automatic choice. Stored in the workspace. */
  chooseModel(role: ModelRole, file: string | null): Promise<void>
  /** Opens or closes a source listed in `OpenedModels.sources`. */
  useSource(source: string, open: boolean): Promise<void>
  /** Deletes models that were copied into the workspace. */
  removeSource(source: string): Promise<void>
  /** Restores what was open before the last change. */
  undoOpening(): Promise<void>
  /** Starts copying files into the workspace, or resumes a copy of the same files. */
  startCopy(files: readonly CopiedFile[], purpose: CopyPurpose): Promise<CopyState>
  /** Adds the next piece of a file; it starts where the last one ended. */
  copyPiece(copy: string, file: number, offset: number, piece: Uint8Array): Promise<void>
  /** Called after the last piece: moves the files into place, and opens models or adds image sets. */
  finishCopy(copy: string): Promise<void>
  abandonCopy(copy: string): Promise<void>
  /** Tests every device of this machine once with a small computation; may take seconds. */
  surveyDevices(): Promise<DeviceSurvey>
  /** Queues a test of the models on every device; `selfTestChanged` reports its progress. */
  startSelfTest(): Promise<void>
  cancelSelfTest(): Promise<void>
}

/** Push events; a page that missed some requests the snapshot again. */
export interface EngineEvents
  extends
    AtlasEvents,
    CodebooksEvents,
    EvaluationEvents,
    ExportEvents,
    SweepEvents,
    VerdictEvents,
    ProbeEvents,
    KMeansEvents,
    LikelihoodEvents {
  runChanged(run: WorkspaceRun): void
  /** Progress of the grids of the current batch. Sent at most about ten times a second. */
  preview(preview: Preview): void
  imageFinished(run: string, image: ImageEntry): void
  modelSetChanged(modelSet: ModelSet): void
  /** Open and available models; sent with every new model set. */
  modelsOpened(opened: OpenedModels): void
  selfTestChanged(test: SelfTest): void
  /** A run was removed from the library. */
  runRemoved(run: string): void
  /** All current favourites. */
  favouritesChanged(favourites: readonly ImageName[]): void
  /** The engine crashed and was restarted; sent to every page that connects to the new one within half a minute. */
  engineStopped(problem: EngineProblem): void
  /** Work that was unfinished when the application quit was queued again; sent like `engineStopped`. */
  workResumed(work: ResumedWork): void
}

/** Further events for a host on this machine. */
export interface HostEvents extends EngineEvents {
  /** State of a run started by `startRun` anywhere on disk. */
  stateChanged(run: RunState): void
}

/** Further calls of a host on this machine: paths come from a dialog or the command line. */
export interface HostApi extends EngineApi, ExportHostApi {
  /** Scans files and folders and matches the files that fit together. */
  importModels(paths: readonly string[], choose?: ModelChoice): Promise<ModelSet>
  /** Opens these paths as the models of the workbench. */
  openModels(paths: readonly string[]): Promise<ModelSet>
  /** Opens these paths in addition to what is open. The demo is closed. */
  addModels(paths: readonly string[]): Promise<ModelSet>
  /** Adds folders of images, ADM batches or statistics to the image sets. */
  addImages(paths: readonly string[]): Promise<void>
  /** The contents of one checkpoint, as inert data. */
  readFile(path: string): Promise<FileContents>
  /** Starts or resumes a run anywhere on disk and returns its id. */
  startRun(spec: RunSpec): Promise<string>
  /** The runs that `startRun` started in this process. */
  listRuns(): Promise<readonly RunState[]>
  /** Number of queued or running jobs that `leaveWork` can leave to a later session. */
  openWork(): Promise<number>
  /** Cancels these jobs and notes them in the workspace; resolves when they have ended. */
  leaveWork(): Promise<void>
  /** Queues the noted jobs again in order, and removes the note. Models must be open. */
  resumeWork(): Promise<void>
}

export interface Snapshot {
  readonly app: { readonly name: string; readonly version: string }
  /** The models in use, with file names relative to the opened folders; undefined while they are being opened. */
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
  /** 256 entries in raster order, as in GridDetails; absent if the image has no such grid. */
  readonly discriminative?: Int32Array
  readonly codes: Int32Array
}

export interface CellLogits {
  /** Over the dictionary with its specials: [specials + tokens]. Of guided drawing, those of both passes together. */
  readonly logits: Float32Array
  /** Number of specials, which come first. */
  readonly specials: number
  /** False if the specials are excluded before the softmax (masked decoding), true if after it. */
  readonly specialsInSoftmax: boolean
  /** How a generator of another family draws from them; absent for DiGIT. */
  readonly rule?: TokenRule
  /** The mask among the tokens, if a generator may draw it (MaskGIT), and whether it did: the record has the last code. */
  readonly mask?: { readonly id: number; readonly isDrawn: boolean }
}

export interface EngineProblem {
  /** One sentence for the user. */
  readonly message: string
  /** False after repeated crashes with the same models, which are then not opened automatically. */
  readonly opensModels: boolean
}

export interface ImageEntry {
  readonly image: number
  readonly class?: number
}

/** Jobs of the last session that were queued again. */
export interface ResumedWork {
  readonly resumed: number
  /** Why others were not: one sentence each. */
  readonly problems: readonly string[]
}

/** Arrays have one entry per token, 256 in raster order. */
export interface GridDetails {
  readonly tokens: Int32Array
  readonly logProbabilities?: Float32Array
  readonly ranks?: Int32Array
  readonly entropies?: Float32Array
  readonly steps?: Int32Array
  /** 1 where the token was pinned; its record then has the values that the model gives it. */
  readonly pinned?: Uint8Array
}

export interface ImageDetails extends ImageEntry {
  readonly discriminative?: GridDetails
  /** What the picture is made from; the finest of several scales. */
  readonly codes: GridDetails
  /** All scales by name, from coarse to fine, if there are several (VAR). */
  readonly scales?: Readonly<Record<string, GridDetails>>
  /** For a reconstruction that was encoded again: the tokens of the result. */
  readonly drifted?: Int32Array
  /** Everything that determines the pixels, as recorded in the PNG. */
  readonly recipe: unknown
}

export interface Preview {
  readonly run: string
  readonly stage: GridName
  /** Number of tokens in each grid so far (autoregressive), or 256 during masked decoding. */
  readonly done: number
  readonly images: readonly {
    readonly image: number
    /** 256 entries; -1 for missing tokens. */
    readonly tokens: Int16Array
  }[]
}
