"""Optical flow, frame interpolation, and the motion of camera and objects."""
