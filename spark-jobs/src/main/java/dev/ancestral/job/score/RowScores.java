package dev.ancestral.job.score;

import dev.ancestral.model.HiddenStateModel;
import java.util.List;

/**
 * What a model says of some examples.
 *
 * @param nats log p, a bound on it or an estimate, [B]
 * @param byColumn log p of each column given the others, [B][columns], NaN where it is not
 *     observed; null of models without
 * @param components the most probable component, [B]; null of models without
 * @param classes p(label | x), [B][classes], NaN throughout where x is impossible; null of models
 *     without
 * @param paths the most probable path of hidden states, [B]; null of models without
 */
record RowScores(
    double[] nats,
    double[][] byColumn,
    int[] components,
    double[][] classes,
    List<HiddenStateModel.Path> paths) {}
