"""Planted faults: does each metric react to its fault, and only to it?"""
