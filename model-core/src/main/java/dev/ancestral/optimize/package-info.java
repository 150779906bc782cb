/** How parameters follow gradients: optimizers, schedules, clipping, averages of the weights. */
package dev.ancestral.optimize;
