// Images that were selected by a rule -> a panel that shows them and states the rule.
import { panelImages } from '../../../shared/figures/figure.ts'
import { selectionWords } from '../../../shared/figures/paper/selection-words.ts'
import type { Panel, Selection } from '../../../shared/figures/panels.ts'
import type { Arrangement } from './arrange.ts'
import { panelsOfDraft, type Draft, type PanelDraft } from './draft.ts'
import { joined } from './labelled-grid.ts'

type Rule = Pick<Selection, 'rule' | 'uncurated'>

/** Longest sentence that figure.json takes. */
const MOST = 400

const imagesOf = (panel: PanelDraft) => panelImages(panel as Panel)

/** The panel states that a rule gave the images that it shows; panels without images state nothing. */
export function stating(panel: PanelDraft, { rule, uncurated }: Rule): PanelDraft {
  const images = [...imagesOf(panel)]
  if (images.length === 0 || panel.kind === 'chart' || panel.kind === 'map' || panel.kind === 'table')
    return panel
  return { ...panel, selection: { rule: rule.slice(0, MOST), uncurated, images } }
}

/** The panel with these images replacing or following its own; the rules of both are stated. */
export function withImages(panel: PanelDraft, arrangement: Arrangement, add: boolean): PanelDraft {
  const next = arranged(panel, arrangement, add)
  if (!add || imagesOf(panel).length === 0) return stating(next, arrangement)
  const [before, now] = [panel, stating(arranged(panel, arrangement, false), arrangement)].map(
    (one) => selectionWords(one as Panel) ?? 'others, not stated',
  )
  return stating(next, { rule: before === now ? before! : `${before}; ${now}`, uncurated: false })
}

/** A figure that states one rule for all its panels, as older versions wrote it: each panel states its own. */
export function withOwnSelections(draft: Draft): Draft {
  const { selection, ...rest } = draft
  if (selection === undefined || panelsOfDraft(draft).some((panel) => 'selection' in panel)) return draft
  const [, rule = '', uncurated] = /^(.*?)(, uncurated)?$/s.exec(selection) ?? []
  const stated = { rule, uncurated: uncurated !== undefined }
  return { ...rest, rows: draft.rows.map((row) => row.map((panel) => stating(panel, stated))) }
}

function arranged(panel: PanelDraft, arrangement: Arrangement, add: boolean): PanelDraft {
  const { images, columns, rowLabels, columnLabels } = arrangement
  switch (panel.kind) {
    case 'grid': {
      if (add) return joined(panel, arrangement)
      const { rowLabels: _r, columnLabels: _c, cellLabels: _l, insets: _i, crop: _p, ...rest } = panel
      return {
        ...rest,
        images: [...images],
        columns: columns ?? panel.columns,
        ...(rowLabels ? { rowLabels: [...rowLabels] } : {}),
        ...(columnLabels ? { columnLabels: [...columnLabels] } : {}),
      }
    }
    case 'cluster':
    case 'reconstruction':
    case 'steps':
      return { ...panel, images: add ? [...panel.images, ...images] : [...images] }
    case 'variance': {
      const group = { label: rowLabels?.[0] ?? 'samples', images: [...images] }
      return { ...panel, groups: add ? [...panel.groups, group] : [group] }
    }
    case 'intervention': {
      // Alternating before and after.
      const pairs = images.flatMap((before, i) =>
        i % 2 === 0 && images[i + 1] ? [{ before, after: images[i + 1]! }] : [],
      )
      return { ...panel, pairs: add ? [...panel.pairs, ...pairs] : pairs }
    }
    case 'chart':
    case 'map':
    case 'table':
      return panel
  }
}
