"""Addresses of moves between sizes inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import size_moves

urlpatterns: list[URLPattern] = [
    path("size-moves/", size_moves.size_moves, name="size_moves"),
    path("size-moves/ask/<int:registration_id>/", size_moves.ask_size_move, name="ask_size_move"),
    path("size-moves/<int:size_move_id>/", size_moves.size_move, name="size_move"),
    path("size-moves/<int:size_move_id>/decide/", size_moves.decide_move, name="decide_size_move"),
]
