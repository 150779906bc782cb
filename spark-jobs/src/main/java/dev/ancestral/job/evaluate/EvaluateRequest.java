package dev.ancestral.job.evaluate;

/**
 * Which model is scored on which data, and where the result goes.
 *
 * @param model directory of a run, or of a description and parameters
 * @param data dataset directory
 * @param output directory of the evaluation
 * @param overwrite whether another complete evaluation that lies there may be replaced
 */
public record EvaluateRequest(
    String model, String data, EvaluateSpec spec, String output, boolean overwrite) {}
