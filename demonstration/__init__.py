"""Invented people, centres, learners and claims, on real qualifications: what a newcomer walks through.

Nothing imports this package. It writes through the same services as the pages, so what it makes is what the portal makes.
"""
