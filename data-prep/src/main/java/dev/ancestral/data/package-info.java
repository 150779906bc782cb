/** Datasets on any Hadoop file system: manifests, shards, and how they are made. */
package dev.ancestral.data;
