"""Shared machinery: arrays of code points, hashes, kernels, threads, spilling to disk, time windows."""
