package dev.ancestral.job.generate;

/**
 * Which model is sampled and where the samples go.
 *
 * @param model directory of a run, or of a description and parameters
 * @param output directory of the generation
 * @param overwrite whether another generation that lies there may be replaced
 */
public record GenerateRequest(String model, GenerateSpec spec, String output, boolean overwrite) {}
