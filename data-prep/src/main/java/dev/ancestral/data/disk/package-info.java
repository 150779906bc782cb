/** What a disk keeps after a loss of power, and how to make it keep a file. */
package dev.ancestral.data.disk;
