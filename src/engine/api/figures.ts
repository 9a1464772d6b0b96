// Figures, exports, and images made again, for hosts on this machine.
export {
  FIGURE_FORMATS,
  makeFigure,
  type FigureFormat,
  type FigureOptions,
  type MadeFigure,
} from '../runs/figure.ts'
export { reproduce, type ReproduceOptions, type Reproduction } from '../runs/reproduce.ts'
export {
  EXPORT_FORMS,
  exportRun,
  type Exported,
  type ExportForm,
  type ExportOptions,
} from '../runs/export.ts'
