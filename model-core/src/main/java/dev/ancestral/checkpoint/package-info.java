/** Models on disk: model.json and safetensors. */
package dev.ancestral.checkpoint;
