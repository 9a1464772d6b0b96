// Figures, for hosts on this machine.
export {
  FIGURE_FORMATS,
  makeFigure,
  type FigureFormat,
  type FigureOptions,
  type MadeFigure,
} from '../runs/figure.ts'
